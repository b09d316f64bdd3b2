//! Tables: the order of their rows, what is in them, and their pages.

use super::*;

#[tokio::test]
async fn the_worst_come_first_and_each_verdict_is_counted() {
    let world = with_four().await;
    assert_eq!(names(&world, |_| {}), ["b.unread", "C.silent", "a.read"]);
    let rows = world
        .live
        .rows(
            Role::Destination,
            &query(|q| q.verdict = Some("attention".into())),
            world.now(),
        )
        .unwrap();
    assert_eq!(rows.page.total, 2);
    let counts: Vec<_> = rows.verdicts.iter().map(|count| (count.verdict, count.count)).collect();
    assert_eq!(
        counts,
        [(Verdict::NoConsumer, 1), (Verdict::Unknown, 1), (Verdict::Ok, 1)],
        "before the filter"
    );
    assert_eq!(rows.as_of, Some(world.now()));
}

#[tokio::test]
async fn rows_are_filtered_by_every_part_of_the_query() {
    let world = with_four().await;
    assert_eq!(names(&world, |q| q.q = Some("READ".into())), ["b.unread", "a.read"]);
    assert_eq!(names(&world, |q| q.q = Some("c.s".into())), ["C.silent"]);
    assert_eq!(
        names(&world, |q| q.q = Some("//a.r".into())),
        ["a.read"],
        "with what comes before the name"
    );
    assert_eq!(names(&world, |q| q.internal = Some(true)).len(), 4);
    assert_eq!(names(&world, |q| q.verdict = Some("no_consumer".into())), ["b.unread"]);
    assert_eq!(names(&world, |q| q.kind = Some("topic".into())), [] as [&str; 0]);
    assert_eq!(names(&world, |q| q.system = Some("kafka".into())), [] as [&str; 0]);
    assert_eq!(names(&world, |q| q.connection = Some(world.id.0)).len(), 3);
    assert_eq!(names(&world, |q| q.connection = Some(999)), [] as [&str; 0]);
}

#[tokio::test]
async fn what_has_no_number_comes_last_in_either_direction() {
    let world = with_four().await;
    let sorted = |column: &str, dir: Option<&str>| {
        names(&world, |q| {
            q.sort = Some(column.into());
            q.dir = dir.map(Into::into);
        })
    };
    assert_eq!(
        sorted("depth", None),
        ["b.unread", "a.read", "C.silent"],
        "numbers begin with the greatest"
    );
    assert_eq!(sorted("depth", Some("asc")), ["a.read", "b.unread", "C.silent"]);
    assert_eq!(sorted("name", Some("desc")), ["b.unread", "a.read", "C.silent"]);
    assert_eq!(sorted("consumers", Some("asc")), ["b.unread", "a.read", "C.silent"]);
}

#[tokio::test]
async fn a_long_list_comes_in_pages_that_follow_each_other() {
    let mut world = World::new(System::RabbitMq).await;
    world
        .visit(|snapshot| (0..25).for_each(|n| put(snapshot, &queue(&format!("q{n:02}")), &[(DEPTH, 0.0)])))
        .await;
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let page = query(|q| {
            (q.limit, q.sort) = (Some(10), Some("name".into()));
            q.cursor = cursor.take();
        });
        let page = world.live.rows(Role::Destination, &page, world.now()).unwrap().page;
        assert_eq!((page.total, page.offset), (25, seen.len()));
        seen.extend(page.items.into_iter().map(|row| row.entity.name));
        match page.next {
            Some(next) => cursor = Some(next),
            None => break,
        }
    }
    assert_eq!(seen, (0..25).map(|n| format!("q{n:02}")).collect::<Vec<_>>());
    let wrong = world
        .live
        .rows(Role::Destination, &query(|q| q.cursor = Some("!!".into())), world.now());
    assert_eq!(wrong.unwrap_err().field, "cursor");
}

#[tokio::test]
async fn odd_names_stay_as_they_are() {
    let mut world = World::new(System::RabbitMq).await;
    let odd = ["a/b c", "<img src=x>", "\u{1F407}\u{202E}tibbar", "", "*?"];
    world
        .visit(|snapshot| odd.iter().for_each(|name| put(snapshot, &queue(name), &[(DEPTH, 1.0)])))
        .await;
    let mut shown = names(&world, |q| q.sort = Some("name".into()));
    shown.sort_unstable();
    let mut expected = odd.map(String::from);
    expected.sort_unstable();
    assert_eq!(shown, expected);
    assert_eq!(names(&world, |q| q.q = Some("\u{1F407}".into())).len(), 1);
}
