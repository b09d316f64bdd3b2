//! Lists that are read in pages and may change meanwhile: what slips between two pages is not gone. Pure.

use std::collections::BTreeSet;

/// A list as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T> {
    pub items: Vec<T>,
    pub pages: usize,
}

impl<T> Default for Listed<T> {
    fn default() -> Listed<T> {
        Listed {
            items: Vec::new(),
            pages: 0,
        }
    }
}

/// Names that one listing of several pages missed; the next one decides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Doubts(BTreeSet<String>);

impl Doubts {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What was known `before` and is missing in the new listing, and yet may exist: it stays for one more listing.
    ///
    /// A list of one page is read in one go, and believed at once.
    pub fn slipped<T>(&mut self, before: Vec<T>, now: &Listed<T>, name: impl Fn(&T) -> String) -> Vec<T> {
        let doubted = std::mem::take(&mut self.0);
        if now.pages <= 1 {
            return Vec::new();
        }
        let listed: BTreeSet<String> = now.items.iter().map(&name).collect();
        let missing = before.into_iter().filter(|item| !listed.contains(&name(item)));
        let slipped: Vec<T> = missing.filter(|item| !doubted.contains(&name(item))).collect();
        self.0 = slipped.iter().map(name).collect();
        slipped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is known after some listings, each with its pages.
    fn after(listings: &[(&[&str], usize)]) -> (Vec<String>, bool) {
        let (mut known, mut doubts): (Vec<String>, _) = (Vec::new(), Doubts::default());
        for (names, pages) in listings {
            let now = Listed {
                items: names.iter().map(|name| (*name).to_owned()).collect(),
                pages: *pages,
            };
            let slipped = doubts.slipped(std::mem::take(&mut known), &now, Clone::clone);
            known = now.items.into_iter().chain(slipped).collect();
        }
        (known, doubts.is_empty())
    }

    #[test]
    fn one_page_is_believed_at_once() {
        assert_eq!(after(&[(&["a", "b"], 1), (&["a"], 1)]), (vec!["a".into()], true));
    }

    #[test]
    fn what_several_pages_miss_is_gone_when_the_next_ones_miss_it_too() {
        assert_eq!(
            after(&[(&["a", "b"], 2), (&["a"], 2)]),
            (vec!["a".into(), "b".into()], false)
        );
        assert_eq!(
            after(&[(&["a", "b"], 2), (&["a"], 2), (&["a"], 2)]),
            (vec!["a".into()], true)
        );
        let back = after(&[(&["a", "b"], 2), (&["a"], 2), (&["a", "b"], 2)]);
        assert_eq!(back, (vec!["a".into(), "b".into()], true));
    }
}
