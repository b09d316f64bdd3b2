//! The messages that wait for a receiver, in their order and not without bound. Pure.

use std::collections::{HashMap, VecDeque};

use brokerscope_contract::Timestamp;

use super::message::{Message, Occasion};

#[derive(Debug)]
pub struct Queue {
    waiting: VecDeque<Message>,
    limit: usize,
}

impl Queue {
    pub fn new(limit: usize) -> Queue {
        Queue {
            waiting: VecDeque::new(),
            limit,
        }
    }

    /// Adds a message. Returns what had to make room for it: a firing that has ended since, with its end; only without
    /// any such pair the new message itself.
    #[must_use]
    pub fn push(&mut self, message: Message) -> Vec<Message> {
        self.waiting.push_back(message);
        if self.waiting.len() <= self.limit {
            return Vec::new();
        }
        match self.oldest_that_is_over() {
            Some((firing, end)) => {
                // The later one first, so that the other's place does not move.
                let gone = [self.waiting.remove(end), self.waiting.remove(firing)];
                gone.into_iter().rev().flatten().collect()
            }
            None => self.waiting.pop_back().into_iter().collect(),
        }
    }

    pub fn first(&self) -> Option<&Message> {
        self.waiting.front()
    }

    /// The first message has been dealt with.
    pub fn pass(&mut self) {
        self.waiting.pop_front();
    }

    /// Gives up what is older than `oldest`, and says how many those were.
    pub fn expire(&mut self, oldest: Timestamp) -> usize {
        let before = self.waiting.len();
        self.waiting.retain(|message| message.at > oldest);
        before - self.waiting.len()
    }

    pub fn clear(&mut self) {
        self.waiting.clear();
    }

    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// The places of the oldest firing that waits together with its end. Never the first message: it may have arrived
    /// although no answer came, and then its end must follow.
    fn oldest_that_is_over(&self) -> Option<(usize, usize)> {
        let id = |message: &Message| message.alert.as_ref().map(|alert| alert.id);
        let of = |occasion: Occasion| {
            let places = self.waiting.iter().enumerate().skip(1);
            places.filter_map(move |(place, message)| {
                (message.occasion == occasion).then(|| Some((id(message)?, place)))?
            })
        };
        let ends: HashMap<i64, usize> = of(Occasion::Resolved).collect();
        of(Occasion::Fired).find_map(|(alert, place)| {
            let end = ends.get(&alert).copied().filter(|end| *end > place)?;
            Some((place, end))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::message::tests::about;
    use super::*;

    /// "f4 r4": alert 4 fires and ends.
    fn queue(limit: usize, words: &str) -> (Queue, Vec<String>) {
        let mut queue = Queue::new(limit);
        let mut gone = Vec::new();
        for word in words.split(' ') {
            let occasion = if word.starts_with('f') {
                Occasion::Fired
            } else {
                Occasion::Resolved
            };
            gone.extend(queue.push(about(word[1..].parse().unwrap(), occasion, Timestamp(0))));
        }
        let gone = gone.iter().map(word).collect();
        (queue, gone)
    }

    fn word(message: &Message) -> String {
        let letter = if message.occasion == Occasion::Fired { "f" } else { "r" };
        format!("{letter}{}", message.alert.as_ref().unwrap().id)
    }

    #[test]
    fn what_is_over_makes_room_before_anything_else() {
        for (words, left, gone) in [
            ("f1 f2 r2 f3", "f1 f2 r2 f3", ""),
            ("f1 f2 r2 f3 f4", "f1 f3 f4", "f2 r2"),
            ("f1 f2 f3 r3 r2", "f1 f3 r3", "f2 r2"),
            ("f1 r1 f2 f3 f4", "f1 r1 f2 f3", "f4"),
            ("f1 f2 f3 f4 r2", "f1 f3 f4", "f2 r2"),
            ("f1 f2 f3 f4 r9", "f1 f2 f3 f4", "r9"),
            ("f1 r2 f2 f3 f4", "f1 r2 f2 f3", "f4"),
        ] {
            let (queue, dropped) = queue(4, words);
            let waiting: Vec<_> = queue.waiting.iter().map(word).collect();
            assert_eq!(
                (waiting.join(" "), dropped.join(" ")),
                (left.into(), gone.into()),
                "{words}"
            );
        }
    }

    #[test]
    fn what_is_too_old_is_given_up() {
        let mut queue = Queue::new(9);
        for at in [10, 20, 30] {
            assert_eq!(queue.push(about(at, Occasion::Fired, Timestamp(at))), []);
        }
        assert_eq!(queue.expire(Timestamp(20)), 2);
        assert_eq!(queue.first().map(|message| message.at), Some(Timestamp(30)));
    }
}
