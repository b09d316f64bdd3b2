//! What each kind of field takes, what it becomes, and what is said about the rest.

use brokerscope_contract::{Field, FieldKind, Settings};
use serde_json::{Value, json};

use super::{normalise, split_secrets, unread, with_secrets};

fn settings(value: Value) -> Settings {
    serde_json::from_value(value).unwrap()
}

fn one(kind: FieldKind, value: Value) -> Result<Option<Value>, String> {
    let field = Field::text("it", "It", "").of(kind);
    match normalise(&[field], &settings(json!({ "it": value }))) {
        Ok(mut found) => Ok(found.remove("it")),
        Err(problems) => Err(problems[0].detail.clone()),
    }
}

#[test]
fn each_kind_of_field_has_one_normal_form() {
    let number = || FieldKind::Number {
        min: 1,
        max: 100,
        unit: "seconds".into(),
    };
    let choice = || {
        Field::text("", "", "")
            .choice(&[("plain", "Plain"), ("scram", "SCRAM")])
            .kind
    };
    let lines = || FieldKind::Lines { secret: false };
    let ok = |value: Value| Ok(Some(value));
    let bad = |detail: &str| Err(detail.to_string());
    for (kind, given, expected) in [
        (FieldKind::Text, json!(" a "), ok(json!("a"))),
        (FieldKind::Text, json!(""), Ok(None)),
        (FieldKind::Text, json!(null), Ok(None)),
        (FieldKind::Text, json!(5), bad("is not a text")),
        (FieldKind::Secret, json!(" p "), ok(json!(" p "))),
        (FieldKind::Secret, json!(["p"]), bad("is not a text")),
        (lines(), json!("a\nb\n"), ok(json!("a\nb\n"))),
        (FieldKind::List, json!(["a", " b ", ""]), ok(json!(["a", "b"]))),
        (FieldKind::List, json!("a, b\nc"), ok(json!(["a", "b", "c"]))),
        (FieldKind::List, json!([]), Ok(None)),
        (FieldKind::List, json!([1]), bad("is not a list of texts")),
        (FieldKind::List, json!({}), bad("is not a list of texts")),
        (FieldKind::Switch, json!(true), ok(json!(true))),
        (FieldKind::Switch, json!("false"), ok(json!(false))),
        (FieldKind::Switch, json!(1), bad("is neither true nor false")),
        (choice(), json!("plain"), ok(json!("plain"))),
        (choice(), json!(""), Ok(None)),
        (choice(), json!("gssapi"), bad("`gssapi` is not one of the choices")),
        (number(), json!(7), ok(json!(7))),
        (number(), json!(" 7 "), ok(json!(7))),
        (number(), json!(""), Ok(None)),
        (number(), json!(0), bad("0 is out of range")),
        (number(), json!("101"), bad("101 is out of range")),
        (number(), json!(1.5), bad("is not a whole number")),
        (number(), json!("soon"), bad("is not a whole number")),
    ] {
        assert_eq!(one(kind.clone(), given.clone()), expected, "{kind:?} {given}");
    }
}

fn table() -> Vec<Field> {
    vec![
        Field::text("user", "User", "").required().placeholder("watcher"),
        Field::text("password", "Password", "").of(FieldKind::Secret),
        Field::text("tls", "TLS", "").of(FieldKind::Switch),
        Field::text("ca", "CA", "").only_when("tls", &["true"]),
        Field::text("sasl", "SASL", "")
            .choice(&[("none", "None"), ("plain", "Plain")])
            .default("plain"),
        Field::text("login", "Login", "").only_when("sasl", &["plain"]),
    ]
}

#[test]
fn a_field_that_depends_on_another_is_read_only_when_it_applies() {
    for (given, expected) in [
        (json!({"user": "u", "ca": "x"}), json!({"user": "u"})),
        (
            json!({"user": "u", "tls": true, "ca": "x"}),
            json!({"user": "u", "tls": true, "ca": "x"}),
        ),
        (
            json!({"user": "u", "tls": "true", "ca": "x"}),
            json!({"user": "u", "tls": true, "ca": "x"}),
        ),
        (json!({"user": "u", "login": "l"}), json!({"user": "u", "login": "l"})),
        (
            json!({"user": "u", "sasl": "none", "login": "l"}),
            json!({"user": "u", "sasl": "none"}),
        ),
    ] {
        assert_eq!(
            normalise(&table(), &settings(given.clone())).unwrap(),
            settings(expected),
            "{given}"
        );
    }
    let given = settings(json!({"user": "u", "ca": "x"}));
    let table = table();
    let ignored: Vec<&str> = unread(&table, &given)
        .iter()
        .map(|(field, _)| field.key.as_str())
        .collect();
    assert_eq!(ignored, ["ca"]);
}

#[test]
fn a_missing_and_an_unknown_key_are_named_together() {
    let problems = normalise(&table(), &settings(json!({"usr": "u"}))).unwrap_err();
    let told: Vec<_> = problems.iter().map(|p| (p.field.as_str(), p.remedy.as_str())).collect();
    assert_eq!(
        told,
        [
            ("usr", "Did you mean `user`?"),
            ("user", "Fill in `user`, for example watcher.")
        ]
    );
}

#[test]
fn secrets_leave_and_return_without_loss() {
    let given = settings(json!({"user": "u", "password": "p"}));
    let mut open = given.clone();
    let secrets = split_secrets(&table(), &mut open);
    assert_eq!(open, settings(json!({"user": "u"})));
    assert_eq!(with_secrets(open, &secrets), given);
}
