//! The servers that are measured: the real program, and nginx with the configuration that
//! Tidings makes for it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A server, ended when it is dropped.
pub struct Server {
    child: Child,
    pub address: String,
    /// Also counts the workers.
    pub processes: Vec<u32>,
}

impl Drop for Server {
    fn drop(&mut self) {
        // A request to end, so that nginx takes its workers with it.
        let _ = Command::new("kill")
            .arg(self.child.id().to_string())
            .status();
        let _ = self.child.wait();
    }
}

impl Server {
    /// The memory that it takes now, in bytes.
    pub fn memory(&self) -> u64 {
        let one = |process: &u32| {
            let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
            let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
            let kilobytes =
                line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
            kilobytes.unwrap_or(0) * 1_024
        };
        self.processes.iter().map(one).sum()
    }
}

/// `tidings serve` with room for many connections.
pub fn tidings(newsroom: &Path) -> Server {
    let mut child = Command::new(env!("CARGO_BIN_EXE_tidings"))
        .arg("-C")
        .arg(newsroom)
        .args(["serve", "--address", "127.0.0.1:0"])
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let errors = child.stderr.take().expect("its errors are a pipe");
    let line = BufReader::new(errors)
        .lines()
        .map_while(Result::ok)
        .find(|line| line.contains("Serving at http://"))
        .expect("it says where it serves");
    let address = line.split("://").nth(1).unwrap_or_default();
    Server {
        processes: vec![child.id()],
        address: address.trim_end_matches('/').to_owned(),
        child,
    }
}

/// nginx, if it is installed.
pub fn nginx(newsroom: &Path) -> Option<Server> {
    Command::new("nginx")
        .arg("-v")
        .stderr(Stdio::null())
        .status()
        .ok()?;
    let snippet = Command::new(env!("CARGO_BIN_EXE_tidings"))
        .arg("-C")
        .arg(newsroom)
        .args(["snippet", "nginx"])
        .output()
        .ok()?;
    let address = {
        let listener = TcpListener::bind("127.0.0.1:0").ok()?;
        listener.local_addr().ok()?.to_string()
    };
    let folder = newsroom.join("nginx");
    fs::create_dir_all(&folder).ok()?;
    let site = String::from_utf8_lossy(&snippet.stdout)
        .replace("listen 80;", &format!("listen {address} backlog=4096;"));
    fs::write(folder.join("news.conf"), site).ok()?;
    let here = folder.display();
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("{kind}_temp_path {here}/{kind};\n"))
        .concat();
    // As Debian sets it up, but for the log, which is off on both sides, and idle connections,
    // which both keep.
    let main = format!(
        "daemon off;\nuser root;\nworker_processes auto;\npid {here}/pid;\nerror_log stderr crit;\nevents {{ worker_connections 20000; }}\nhttp {{\nsendfile on;\ntcp_nopush on;\ntypes_hash_max_size 2048;\ninclude /etc/nginx/mime.types;\naccess_log off;\nkeepalive_timeout 600;\nkeepalive_requests 100000000;\n{temporary}include {here}/news.conf;\n}}\n"
    );
    fs::write(folder.join("nginx.conf"), main).ok()?;
    let child = Command::new("nginx")
        .args(["-e", "stderr", "-p"])
        .arg(&folder)
        .arg("-c")
        .arg(folder.join("nginx.conf"))
        .spawn()
        .ok()?;
    let end = Instant::now() + Duration::from_secs(10);
    while TcpStream::connect(&address).is_err() {
        assert!(Instant::now() < end, "nginx does not answer");
        std::thread::sleep(Duration::from_millis(20));
    }
    let children = format!("/proc/{0}/task/{0}/children", child.id());
    let children = fs::read_to_string(children).unwrap_or_default();
    let workers = children.split_whitespace().filter_map(|id| id.parse().ok());
    Some(Server {
        processes: [child.id()].into_iter().chain(workers).collect(),
        child,
        address,
    })
}
