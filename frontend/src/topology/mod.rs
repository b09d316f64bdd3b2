//! Drawing of the topology: nodes, edges, zoom and pan.
