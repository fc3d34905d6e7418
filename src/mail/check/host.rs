//! The relay's host and the mailboxes that must be reached. Pure but for the resolver.

use std::net::IpAddr;

use super::resolver::Resolver;
use super::{Finding, Verdict};

/// The public addresses of the relay, and what is to be said of its name.
pub(super) fn addresses(
    relay: Option<&str>,
    resolver: &dyn Resolver,
) -> (Vec<IpAddr>, Vec<Finding>) {
    const AREA: &str = "host";
    let Some(host) = relay else {
        let message = "no relay is named, so that its address cannot be looked up";
        let finding = Finding::new(AREA, Verdict::Unknown, message);
        return (Vec::new(), vec![finding]);
    };
    let found = match host.trim_matches(['[', ']']).parse::<IpAddr>() {
        Ok(address) => Ok(vec![address]),
        Err(_) if host == "localhost" => Ok(vec![IpAddr::from([127, 0, 0, 1])]),
        Err(_) => resolver.addresses(host),
    };
    let found = match found {
        Ok(found) => found,
        Err(error) => {
            let finding = Finding::new(AREA, Verdict::Unknown, error.to_string());
            return (Vec::new(), vec![finding]);
        }
    };
    if found.is_empty() {
        let message = format!("the relay {host} has no address");
        return (Vec::new(), vec![Finding::new(AREA, Verdict::Bad, message)]);
    }
    let public: Vec<IpAddr> = found.into_iter().filter(is_public).collect();
    if public.is_empty() {
        let message = format!(
            "the relay {host} is in your own network: from which address it sends cannot be told here"
        );
        let finding = Finding::new(AREA, Verdict::Unknown, message);
        return (public, vec![finding]);
    }
    let findings = public
        .iter()
        .map(|address| reverse(*address, resolver))
        .collect();
    (public, findings)
}

/// Whether an address has a name that leads back to it, which receivers demand.
fn reverse(address: IpAddr, resolver: &dyn Resolver) -> Finding {
    const AREA: &str = "host";
    let names = match resolver.names(address) {
        Ok(names) => names,
        Err(error) => return Finding::new(AREA, Verdict::Unknown, error.to_string()),
    };
    if names.is_empty() {
        let message = format!("the relay's address {address} has no name (PTR)");
        return Finding::new(AREA, Verdict::Doubtful, message)
            .help("if it sends by itself, have whoever gave you the address name it: many receivers refuse mail from one without");
    }
    let leads_back = names.iter().find(|name| {
        resolver
            .addresses(name)
            .is_ok_and(|addresses| addresses.contains(&address))
    });
    match leads_back {
        Some(name) => {
            let message =
                format!("the relay's address {address} is {name}, and {name} has that address");
            Finding::new(AREA, Verdict::Good, message)
        }
        None => {
            let message = format!(
                "the relay's address {address} is called {}, which has another address",
                names.join(", ")
            );
            Finding::new(AREA, Verdict::Doubtful, message)
                .help("make the name and the address lead to each other")
        }
    }
}

fn is_public(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            !(address.is_private()
                || address.is_loopback()
                || address.is_link_local()
                || address.is_unspecified())
        }
        IpAddr::V6(address) => {
            !(address.is_loopback()
                || address.is_unique_local()
                || address.is_unicast_link_local()
                || address.is_unspecified())
        }
    }
}

/// Whether mail to a domain can arrive: answers, bounces, unsubscribing.
pub(super) fn mailboxes(domain: &str, resolver: &dyn Resolver) -> Finding {
    const AREA: &str = "MX";
    let exchanges = match resolver.exchanges(domain) {
        Ok(exchanges) => exchanges,
        Err(error) => return Finding::new(AREA, Verdict::Unknown, error.to_string()),
    };
    if exchanges.iter().any(|host| host == ".") {
        let message = format!(
            "{domain} says that it takes no mail (null MX): bounces and answers are lost, and receivers refuse mail from it"
        );
        return Finding::new(AREA, Verdict::Bad, message);
    }
    let reached = |host: &String| {
        resolver
            .addresses(host)
            .is_ok_and(|found| !found.is_empty())
    };
    if let Some(host) = exchanges.iter().find(|host| reached(host)) {
        return Finding::new(
            AREA,
            Verdict::Good,
            format!("mail to {domain} goes to {host}"),
        );
    }
    if !exchanges.is_empty() {
        let message = format!(
            "mail to {domain} goes to {}, which has no address",
            exchanges.join(", ")
        );
        return Finding::new(AREA, Verdict::Bad, message);
    }
    match resolver.addresses(domain) {
        Ok(found) if !found.is_empty() => {
            let message = format!("{domain} has no MX record; mail to it goes to its own address");
            Finding::new(AREA, Verdict::Doubtful, message)
                .help("publish which host takes its mail")
                .record(domain, "MX", format!("10 {domain}."))
        }
        Ok(_) if resolver.exists(domain) == Ok(false) => {
            let message = format!("the domain {domain} does not exist");
            Finding::new(AREA, Verdict::Bad, message)
                .help("see whether it is spelt right in feeds.toml and registered; then publish which host takes its mail: receivers refuse mail from it")
                .record(domain, "MX", format!("10 mail.{domain}."))
        }
        Ok(_) => {
            let message =
                format!("{domain} can take no mail: it has neither an MX record nor an address");
            Finding::new(AREA, Verdict::Bad, message)
                .help("publish which host takes its mail: bounces and answers are lost, and receivers refuse mail from it")
                .record(domain, "MX", format!("10 mail.{domain}."))
        }
        Err(error) => Finding::new(AREA, Verdict::Unknown, error.to_string()),
    }
}
