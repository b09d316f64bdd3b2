-- The foundation: what Brokerscope remembers, one subject after the other.
--
-- Times are milliseconds since the Unix epoch, UTC. Kinds, metrics, verdicts and the like are stored by the names that
-- the API uses, so that a person can read the tables. This file is never edited after a release.

-- Configured broker clusters. `sealed` holds the secret settings, encrypted by the server.
CREATE TABLE connections (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    name        TEXT    NOT NULL UNIQUE,
    system      TEXT    NOT NULL,
    origin      TEXT    NOT NULL,
    paused      INTEGER NOT NULL,
    settings    TEXT    NOT NULL, -- JSON object
    sealed      BLOB,
    created_at  INTEGER NOT NULL
);

-- How far the visits of a connection have come. Small, because it changes with every visit.
CREATE TABLE progress (
    connection  INTEGER PRIMARY KEY REFERENCES connections (id) ON DELETE CASCADE,
    revision    INTEGER NOT NULL,
    visited_at  INTEGER NOT NULL,
    answered_at INTEGER,          -- NULL until the first answer
    cost        TEXT              -- JSON, of the last answer
);

-- What the last answer said about the connection as a whole; written when it differs from the one before.
CREATE TABLE answers (
    connection  INTEGER PRIMARY KEY REFERENCES connections (id) ON DELETE CASCADE,
    server      TEXT    NOT NULL, -- JSON
    warnings    TEXT    NOT NULL  -- JSON
);

-- The heartbeat: one narrow row per visit, counted for uptime.
CREATE TABLE visits (
    connection  INTEGER NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    at          INTEGER NOT NULL,
    answered    INTEGER NOT NULL,
    status      TEXT    NOT NULL,
    text        TEXT    NOT NULL, -- empty when nothing was wrong
    PRIMARY KEY (connection, at)
) WITHOUT ROWID;

-- What brokers are made of. An id is never used twice: addresses in bookmarks point to it.
CREATE TABLE entities (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    connection  INTEGER NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    kind        TEXT    NOT NULL,
    path        TEXT    NOT NULL, -- JSON array of strings; names may hold any character
    parent      INTEGER,          -- an entity of the same connection
    internal    INTEGER NOT NULL,
    attributes  TEXT    NOT NULL, -- JSON array
    first_seen  INTEGER NOT NULL,
    last_seen   INTEGER NOT NULL, -- written now and then; samples may be newer
    deleted_at  INTEGER,          -- the broker no longer has it
    UNIQUE (connection, kind, path)
);

-- The edges between entities as the broker last told them.
CREATE TABLE links (
    id          INTEGER PRIMARY KEY,
    connection  INTEGER NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    from_entity INTEGER NOT NULL,
    to_entity   INTEGER NOT NULL,
    kind        TEXT    NOT NULL,
    label       TEXT,
    evidence    TEXT    NOT NULL
);
CREATE INDEX links_of_connection ON links (connection);

-- The present state of each health check, and every change of its status.
CREATE TABLE checks (
    entity      INTEGER NOT NULL REFERENCES entities (id) ON DELETE CASCADE,
    name        TEXT    NOT NULL,
    status      TEXT    NOT NULL,
    text        TEXT    NOT NULL,
    absent      TEXT,
    since       INTEGER NOT NULL,
    checked_at  INTEGER NOT NULL,
    PRIMARY KEY (entity, name)
) WITHOUT ROWID;

CREATE TABLE check_changes (
    id          INTEGER PRIMARY KEY,
    entity      INTEGER NOT NULL REFERENCES entities (id) ON DELETE CASCADE,
    name        TEXT    NOT NULL,
    at          INTEGER NOT NULL,
    status      TEXT    NOT NULL,
    text        TEXT    NOT NULL
);
CREATE INDEX check_changes_of_entity ON check_changes (entity);

-- The last verdict about each entity.
CREATE TABLE judgements (
    entity      INTEGER PRIMARY KEY REFERENCES entities (id) ON DELETE CASCADE,
    verdict     TEXT    NOT NULL,
    sentence    TEXT    NOT NULL,
    since       INTEGER NOT NULL,
    absent      TEXT
);

-- Samples.
--
-- A lane is a group of up to 32 series: one metric of 32 entities of one connection. Rows of samples, blocks and
-- rollups all belong to a lane, so that SQLite's cost per row is shared by many series.
CREATE TABLE lanes (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    connection  INTEGER NOT NULL, -- no foreign key: a removed connection's samples are deleted bit by bit
    metric      TEXT    NOT NULL,
    entities    BLOB    NOT NULL, -- an entity id per slot, 8 bytes little-endian each; 0 is a free slot
    sealed_tick INTEGER NOT NULL, -- the last tick that is in this lane's blocks
    last        BLOB    NOT NULL  -- per slot the last sealed time and value, 8 bytes little-endian each
);
CREATE INDEX lanes_of_connection ON lanes (connection);

-- What one visit measured, for all lanes. Deleted when all its lanes have sealed it into blocks.
CREATE TABLE ticks (
    id          INTEGER PRIMARY KEY, -- grows with every visit; never used twice, see lanes.sealed_tick
    connection  INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    data        BLOB    NOT NULL
);

-- Sealed samples: columns of one lane over a stretch of time, compressed.
CREATE TABLE blocks (
    id          INTEGER PRIMARY KEY,
    lane        INTEGER NOT NULL,
    from_at     INTEGER NOT NULL, -- inclusive
    to_at       INTEGER NOT NULL, -- inclusive
    last_tick   INTEGER NOT NULL,
    data        BLOB    NOT NULL
);
CREATE INDEX blocks_by_time ON blocks (lane, to_at);

-- Samples summed up in steps of 5 minutes (tier 0) and 1 hour (tier 1), one row for many steps of one lane.
CREATE TABLE rollups (
    id          INTEGER PRIMARY KEY,
    lane        INTEGER NOT NULL,
    tier        INTEGER NOT NULL,
    from_at     INTEGER NOT NULL, -- inclusive
    to_at       INTEGER NOT NULL, -- exclusive
    data        BLOB    NOT NULL
);
CREATE INDEX rollups_by_time ON rollups (lane, tier, to_at);

-- Alert thresholds and the alerts they raised, as the API shows them.
CREATE TABLE rules (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    body        TEXT    NOT NULL -- JSON
);

CREATE TABLE alerts (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    ended_at    INTEGER,
    body        TEXT    NOT NULL -- JSON
);
CREATE INDEX alerts_by_end ON alerts (ended_at);

CREATE TABLE settings (
    key         TEXT PRIMARY KEY,
    value       BLOB    NOT NULL
) WITHOUT ROWID;

CREATE TABLE audit (
    id          INTEGER PRIMARY KEY,
    at          INTEGER NOT NULL,
    action      TEXT    NOT NULL,
    detail      TEXT    NOT NULL
);
