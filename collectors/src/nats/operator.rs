//! Servers with an operator know an account by its public key, and people by its name: some pages say the one, some the
//! other. Everything is brought to the name.

use std::collections::BTreeMap;

use super::gathered::{Gathered, good};

/// Names of accounts by their public keys; of those that have both.
pub type AccountNames = BTreeMap<String, String>;

/// The name, where there is another one than what is given.
pub fn named<'a>(names: &'a AccountNames, account: &'a str) -> &'a str {
    names.get(account).map_or(account, String::as_str)
}

/// Learns names from what was told on this visit, and puts them in the place of keys.
pub fn name_accounts(gathered: &mut Gathered) {
    let names = learn(gathered);
    gathered.names.extend(names);
    let names = &gathered.names;
    if names.is_empty() {
        return;
    }
    let rename = |account: &mut String| {
        if let Some(name) = names.get(account.as_str()) {
            account.clone_from(name);
        }
    };
    for connz in answers(&mut gathered.connz) {
        connz.connections.iter_mut().for_each(|one| rename(&mut one.account));
    }
    for closed in answers(&mut gathered.closed) {
        closed
            .connections
            .iter_mut()
            .for_each(|one| rename(&mut one.was.account));
    }
    for leafz in answers(&mut gathered.leafz) {
        leafz.leafs.iter_mut().for_each(|leaf| rename(&mut leaf.account));
    }
}

fn learn(gathered: &Gathered) -> AccountNames {
    let accounts = good(&gathered.accounts).flat_map(|(_, statz)| &statz.accounts);
    let of_accounts = accounts.map(|account| (&account.acc, &account.name));
    let connections = gathered.connz.iter().flat_map(good);
    let connections = connections.flat_map(|(_, connz)| &connz.connections);
    let of_connections = connections.map(|connection| (&connection.account, &connection.name_tag));
    of_accounts
        .chain(of_connections)
        .filter(|(key, name)| !key.is_empty() && !name.is_empty() && key != name)
        .map(|(key, name)| (key.clone(), name.clone()))
        .collect()
}

fn answers<T>(of: &mut Option<super::access::Answers<T>>) -> impl Iterator<Item = &mut T> {
    of.iter_mut().flatten().filter_map(|(_, answer)| answer.as_mut().ok())
}

#[cfg(test)]
mod tests {
    use brokerscope_contract::Timestamp;
    use serde_json::json;

    use super::*;
    use crate::nats::access::Level;

    #[test]
    fn keys_become_names_wherever_a_name_is_known() {
        let mut gathered = Gathered::new(Timestamp(0), Level::System);
        let statz = json!({"account_statz": [{"acc": "AKEY", "name": "SHOP"}, {"acc": "$G", "name": "$G"}]});
        gathered.accounts = vec![("n1".into(), Ok(serde_json::from_value(statz).unwrap()))];
        let connz =
            json!({"connections": [{"account": "AKEY"}, {"account": "OTHER", "name_tag": "BANK"}, {"account": "$G"}]});
        gathered.connz = Some(vec![("n1".into(), Ok(serde_json::from_value(connz).unwrap()))]);
        let leafz = json!({"leafs": [{"account": "AKEY"}, {"account": "UNKNOWN"}]});
        gathered.leafz = Some(vec![("n1".into(), Ok(serde_json::from_value(leafz).unwrap()))]);
        name_accounts(&mut gathered);
        let connz = gathered
            .connz
            .iter()
            .flat_map(good)
            .flat_map(|(_, connz)| &connz.connections);
        let accounts: Vec<&str> = connz.map(|connection| connection.account.as_str()).collect();
        assert_eq!(accounts, ["SHOP", "BANK", "$G"]);
        let leafz = gathered.leafz.iter().flat_map(good).flat_map(|(_, leafz)| &leafz.leafs);
        let accounts: Vec<&str> = leafz.map(|leaf| leaf.account.as_str()).collect();
        assert_eq!(accounts, ["SHOP", "UNKNOWN"]);
        assert_eq!(
            (named(&gathered.names, "OTHER"), named(&gathered.names, "$G")),
            ("BANK", "$G")
        );
    }
}
