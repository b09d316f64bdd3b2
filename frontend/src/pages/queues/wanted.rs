//! From the address to the rows that are asked for.

use brokerscope_contract::api::entities::RowsQuery;

use crate::query::Query;

/// A column's name in the API and whether the greatest comes first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    pub column: String,
    pub descending: bool,
}

/// The filters and the order that an address asks for; offset and limit are the list's business.
pub fn rows_query(query: &Query) -> RowsQuery {
    let text = |key: &str| query.get(key).map(str::to_string);
    RowsQuery {
        q: text("q"),
        connection: query.get("connection").and_then(|id| id.parse().ok()),
        system: text("system"),
        verdict: text("verdict"),
        kind: text("kind"),
        sort: text("sort"),
        dir: text("dir"),
        internal: (query.get("internal") == Some("true")).then_some(true),
        ..RowsQuery::default()
    }
}

/// The order in use; without a wish the worst verdict comes first.
pub fn order(query: &RowsQuery) -> Order {
    let column = query.sort.clone().unwrap_or_else(|| "verdict".into());
    let descending = match query.dir.as_deref() {
        Some(dir) => dir == "desc",
        None => starts_descending(&column),
    };
    Order { column, descending }
}

/// Names are read from A, numbers from the greatest, verdicts from the worst (which ranks first).
pub fn starts_descending(column: &str) -> bool {
    !matches!(column, "name" | "connection" | "verdict")
}

/// The address after a press on a column's head: its natural order first, then the other way round.
pub fn pressed(query: Query, column: &str, present: &Order) -> Query {
    let descending = match present.column == column {
        true => !present.descending,
        false => starts_descending(column),
    };
    let natural = descending == starts_descending(column);
    let sort = (column != "verdict" || !natural).then_some(column);
    let dir = (!natural).then_some(if descending { "desc" } else { "asc" });
    query.with("sort", sort).with("dir", dir)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(address: &str, column: &str) -> String {
        let query = Query::parse(address);
        let present = order(&rows_query(&query));
        pressed(query, column, &present).to_string()
    }

    #[test]
    fn a_head_sorts_naturally_first_and_then_the_other_way() {
        assert_eq!(press("", "depth"), "sort=depth");
        assert_eq!(press("sort=depth", "depth"), "sort=depth&dir=asc");
        assert_eq!(press("sort=depth&dir=asc", "depth"), "sort=depth");
        assert_eq!(press("sort=depth", "name"), "sort=name");
        assert_eq!(press("sort=name", "verdict"), "");
        assert_eq!(press("", "verdict"), "sort=verdict&dir=desc");
    }

    #[test]
    fn filters_stay_when_the_order_changes() {
        assert_eq!(press("q=orders&verdict=slow", "lag"), "q=orders&verdict=slow&sort=lag");
    }

    #[test]
    fn nonsense_in_an_address_is_left_out() {
        let query = rows_query(&Query::parse("connection=x&internal=maybe"));
        assert_eq!(query, RowsQuery::default());
    }
}
