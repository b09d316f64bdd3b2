-- The far end of a bridge: which entity of another connection, if that is watched, an entity stands for.

ALTER TABLE entities ADD COLUMN stands_for TEXT; -- JSON; NULL for what is only itself
