//! Memory with thousands of connections that wait.

use std::path::Path;
use std::time::Duration;

use super::client::Client;
use super::servers::{self, Server};

const CONNECTIONS: usize = 5_000;

pub fn measure(newsroom: &Path) {
    println!("\nMemory with {CONNECTIONS} idle connections, each after one request");
    let servers = [
        ("tidings", Some(servers::tidings(newsroom))),
        ("nginx", servers::nginx(newsroom)),
    ];
    for (name, server) in servers {
        if let Some(server) = server {
            one(name, &server);
        }
    }
}

fn one(name: &str, server: &Server) {
    Client::connect(&server.address).get("/atom.xml", "");
    let megabytes = || server.memory() as f64 / 1e6;
    let before = megabytes();
    let mut clients: Vec<Client> = Vec::new();
    for _ in 0..CONNECTIONS {
        let mut client = Client::connect(&server.address);
        client.get("/style.css", "");
        clients.push(client);
    }
    let first = megabytes();
    std::thread::sleep(Duration::from_secs(10));
    let later = megabytes();
    // All of them again: whatever they hold, they hold it already.
    for client in &mut clients {
        client.get("/style.css", "");
    }
    let again = megabytes();
    drop(clients);
    std::thread::sleep(Duration::from_secs(2));
    println!(
        "{name:<10}before {before:.1} MB, with them {first:.1} MB ({:.1} kB each), ten seconds later {later:.1} MB, after another request of each {again:.1} MB, closed {:.1} MB",
        (first - before) * 1e3 / CONNECTIONS as f64,
        megabytes()
    );
}
