//! Sealing: turning what a connection has gathered into blocks, while visits go on.

use std::sync::{Arc, Weak};

use brokerscope_contract::{ConnectionId, Timestamp};
use sqlx::Connection as _;
use tokio::sync::mpsc;

use super::lane::{Rows, Slot};
use super::{codec, encode_last};
use crate::StoreError;
use crate::catalogue::{Connection, SharedConnection};
use crate::store::Inner;

/// A head is sealed after this many ticks: long enough that the header of each series' column costs little.
const TICKS: usize = 1024;
/// A head that takes more memory than this is sealed earlier: about 400 ticks of 100,000 series.
const BYTES: usize = 48 << 20;
/// But never with fewer ticks than this, or small columns would outweigh their headers.
const FEWEST_TICKS: usize = 120;
/// A head is sealed after this time, however little it holds: what is not sealed must be read at every start.
const MILLIS: i64 = 90 * 60_000;
/// Lanes per transaction, some 600 KB: a visit that comes in between waits for one of these.
const LANES: usize = 16;
/// Old ticks per transaction.
const OLD_TICKS: i64 = 64;

/// How full a head is.
enum Fill {
    Room,
    /// Enough for good blocks.
    Due,
    /// So much that the next visit must wait for the seal.
    Brimming,
}

fn fill(connection: &Connection, now: Option<Timestamp>) -> Fill {
    let Some(since) = connection.head_since else {
        return Fill::Room;
    };
    let ticks = connection.head_ticks;
    let age = now.or(connection.visited_at).map_or(0, |now| now.millis_since(since));
    // Counting bytes looks at every lane, so it is not done every time.
    let heavy = |limit| ticks >= FEWEST_TICKS && ticks.is_multiple_of(8) && connection.pending_bytes() > limit;
    if ticks >= 2 * TICKS || heavy(2 * BYTES) {
        Fill::Brimming
    } else if ticks >= TICKS || age >= MILLIS || heavy(BYTES) {
        Fill::Due
    } else {
        Fill::Room
    }
}

/// Seals what it is told to, one connection after the other, until the store is gone.
pub(crate) async fn run(inner: Weak<Inner>, mut due: mpsc::UnboundedReceiver<ConnectionId>) {
    while let Some(connection) = due.recv().await {
        let Some(inner) = inner.upgrade() else { return };
        // A failure is known already, by Inner::note; the next visit that succeeds asks again.
        match inner.seal(connection, None).await {
            Ok(_) => {}
            Err(StoreError::Closed) => return,
            Err(error) => tracing::warn!(connection = connection.0, %error, "samples could not be sealed"),
        }
    }
}

impl Inner {
    /// Asks for a seal in the background if the connection has gathered enough.
    pub(crate) fn seal_when_due(&self, id: ConnectionId, connection: &Connection) {
        if !matches!(fill(connection, None), Fill::Room) {
            // Fails only while closing, when it does not matter.
            let _ = self.to_seal.send(id);
        }
    }

    /// Waits until a brimming connection has been sealed, so that memory stays bounded whatever comes in.
    pub(crate) async fn make_room(self: &Arc<Self>, id: ConnectionId) -> Result<(), StoreError> {
        let state = self.catalogue.read().connection(id)?;
        let brimming = matches!(fill(&state.read(), None), Fill::Brimming);
        if brimming {
            self.seal(id, None).await?;
        }
        Ok(())
    }

    /// Seals connections that have been quiet for so long that no visit asks for it.
    pub(crate) async fn seal_aged(self: &Arc<Self>, now: Timestamp) -> Result<u64, StoreError> {
        let mut sealed = 0;
        let ids: Vec<ConnectionId> = self.catalogue.read().connections.keys().copied().collect();
        for id in ids {
            sealed += self.seal(id, Some(now)).await?;
        }
        Ok(sealed)
    }

    /// Seals all that the connection has gathered until now, if it is enough; returns how many samples that was.
    async fn seal(self: &Arc<Self>, id: ConnectionId, now: Option<Timestamp>) -> Result<u64, StoreError> {
        // By itself, because between a commit and the change in memory nobody may stop it.
        let inner = self.clone();
        let sealing = tokio::spawn(async move {
            let _one_at_a_time = inner.sealing.lock().await;
            let Ok(state) = inner.catalogue.read().connection(id) else {
                return Ok(0);
            };
            // Somebody else may have done it meanwhile.
            let room = matches!(fill(&state.read(), now), Fill::Room);
            if room { Ok(0) } else { inner.seal_now(&state).await }
        });
        sealing.await.unwrap_or(Err(StoreError::Closed))
    }

    async fn seal_now(&self, state: &SharedConnection) -> Result<u64, StoreError> {
        {
            // With the writer in hand, so that no visit has encoded rows that depend on those set aside here.
            let _writer = self.writer().await?;
            state.write().freeze();
        }
        let outcome = self.seal_frozen(state).await;
        if outcome.is_err() {
            // What was set aside still waits: it counts as very old, so that the next visit asks again.
            state.write().head_since = Some(Timestamp(0));
        }
        self.note(outcome)
    }

    async fn seal_frozen(&self, state: &SharedConnection) -> Result<u64, StoreError> {
        let frozen = state.read().frozen();
        let mut samples = 0;
        for lanes in frozen.chunks(LANES) {
            let lanes: Vec<Frozen> = lanes.to_vec();
            let sealing = move || lanes.into_iter().map(Frozen::seal).collect::<Result<Vec<Sealed>, _>>();
            let sealed = tokio::task::spawn_blocking(sealing)
                .await
                .map_err(|_| StoreError::Closed)??;
            samples += self.write_blocks(state, sealed).await?;
        }
        let (id, newest) = {
            let state = state.read();
            (state.id, state.oldest_pending_tick())
        };
        self.delete_ticks(id, newest).await?;
        Ok(samples)
    }

    async fn write_blocks(&self, state: &SharedConnection, sealed: Vec<Sealed>) -> Result<u64, StoreError> {
        let mut writer = self.writer().await?;
        let mut tx = writer.begin().await?;
        for block in &sealed {
            sqlx::query("INSERT INTO blocks (lane, from_at, to_at, last_tick, data) VALUES (?, ?, ?, ?, ?)")
                .bind(block.lane)
                .bind(block.from)
                .bind(block.to)
                .bind(block.last_tick)
                .bind(&block.data)
                .execute(&mut *tx)
                .await?;
            sqlx::query("UPDATE lanes SET sealed_tick = ?, last = ? WHERE id = ?")
                .bind(block.last_tick)
                .bind(&block.last)
                .bind(block.lane)
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        let mut state = state.write();
        for block in &sealed {
            if let Some(lane) = state.lanes.get_mut(block.index) {
                lane.frozen = None;
                lane.sealed_tick = block.last_tick;
                lane.due_from[0] = i64::MIN;
            }
        }
        Ok(sealed.iter().map(|block| block.samples).sum())
    }

    /// Deletes the ticks that all lanes have sealed.
    async fn delete_ticks(&self, connection: ConnectionId, before: i64) -> Result<(), StoreError> {
        loop {
            let mut writer = self.writer().await?;
            let done = sqlx::query(
                "DELETE FROM ticks WHERE id IN
                 (SELECT id FROM ticks WHERE id < ? AND connection = ? ORDER BY id LIMIT ?)",
            )
            .bind(before)
            .bind(connection.0)
            .bind(OLD_TICKS)
            .execute(&mut *writer)
            .await?;
            if done.rows_affected() < OLD_TICKS as u64 {
                return Ok(());
            }
        }
    }
}

/// A lane's rows, set aside.
#[derive(Clone)]
struct Frozen {
    index: usize,
    lane: i64,
    rows: Arc<Rows>,
    slots: Vec<Slot>,
}

/// The same, as a row of the table `blocks`.
struct Sealed {
    index: usize,
    lane: i64,
    from: i64,
    to: i64,
    last_tick: i64,
    data: Vec<u8>,
    last: Vec<u8>,
    samples: u64,
}

impl Frozen {
    fn seal(self) -> Result<Sealed, codec::Corrupt> {
        // A clock that was set back leaves times that do not ascend, so both ends are looked for.
        let times = &self.rows.times;
        Ok(Sealed {
            index: self.index,
            lane: self.lane,
            from: times.iter().copied().min().unwrap_or(0),
            to: times.iter().copied().max().unwrap_or(0),
            last_tick: self.rows.last_tick,
            data: self.rows.block(&self.slots)?,
            last: encode_last(&self.slots),
            samples: self.rows.samples,
        })
    }
}

impl Connection {
    fn freeze(&mut self) {
        for lane in &mut self.lanes {
            lane.freeze();
        }
        self.head_ticks = 0;
        self.head_since = None;
    }

    fn frozen(&self) -> Vec<Frozen> {
        let lanes = self.lanes.iter().enumerate().filter_map(|(index, lane)| {
            Some(Frozen {
                index,
                lane: lane.id,
                rows: lane.frozen.clone()?,
                slots: lane.slots.clone(),
            })
        });
        lanes.collect()
    }

    /// Every tick before this one is in the blocks of all its lanes.
    fn oldest_pending_tick(&self) -> i64 {
        let pending = self
            .lanes
            .iter()
            .flat_map(|lane| lane.unsealed())
            .filter_map(|rows| rows.first_tick());
        pending.min().unwrap_or(self.newest_tick + 1)
    }
}
