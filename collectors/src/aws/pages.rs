//! Lists that are read in pages and may change meanwhile: what slips between two pages is not gone. Pure.

use std::collections::BTreeSet;

use super::failure::Failure;

/// Pages of one list. A list that never ends is a fault of who answers.
const MOST_PAGES: usize = 200;

/// The way through the pages of a list.
#[derive(Debug)]
pub struct Pages<'a> {
    action: &'a str,
    /// What leads to the page that is read next.
    pub token: Option<String>,
    /// Pages that were read.
    pub read: usize,
}

impl Pages<'_> {
    /// At the beginning of what `action` lists.
    pub fn of(action: &str) -> Pages<'_> {
        Pages {
            action,
            token: None,
            read: 0,
        }
    }

    /// Whether a page leads to another one. A list that was not read to its end is none: what is missing in it would be
    /// taken for deleted.
    pub fn lead_on(&mut self, token: Option<&str>) -> Result<bool, Failure> {
        self.read += 1;
        let token = token.filter(|token| !token.is_empty());
        let circles = token.is_some() && token == self.token.as_deref();
        if circles || token.is_some() && self.read >= MOST_PAGES {
            return Err(Failure::Endless(self.action.to_owned()));
        }
        self.token = token.map(str::to_owned);
        Ok(self.token.is_some())
    }
}

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
    fn pages_are_read_to_their_end_or_not_at_all() {
        let mut pages = Pages::of("sqs:ListQueues");
        assert_eq!(pages.lead_on(Some("a")), Ok(true));
        assert_eq!(pages.lead_on(Some("b")), Ok(true));
        assert_eq!(pages.lead_on(Some("")), Ok(false));
        assert_eq!((pages.read, pages.token), (3, None));
        let mut circle = Pages::of("sqs:ListQueues");
        assert_eq!(circle.lead_on(Some("again")), Ok(true));
        let endless = Err(Failure::Endless("sqs:ListQueues".into()));
        assert_eq!(circle.lead_on(Some("again")), endless);
        let mut long = Pages::of("sqs:ListQueues");
        let ended = (1..)
            .map(|n: usize| long.lead_on(Some(&n.to_string())))
            .position(|led| led == endless);
        assert_eq!(ended, Some(MOST_PAGES - 1));
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
