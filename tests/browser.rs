//! Pages in a real browser: nothing that they hold offends the strict policy under which they are
//! served, by what the browser's console says. Where there is no Chromium, says so.

mod common;

use std::path::Path;
use std::process::{Command, Stdio};

use common::Newsroom;
use common::http::Serving;

/// What Chromium's console says of a page, and the page as it then stands; `None` where there is
/// no Chromium.
fn console(address: &str) -> Option<(Vec<String>, String)> {
    let profile = tempfile::tempdir().unwrap();
    let program = ["chromium", "chromium-browser", "google-chrome"];
    let run = |program: &&str| {
        Command::new(program)
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
            ])
            .args(["--disable-background-networking", "--disable-dev-shm-usage"])
            .args([
                "--enable-logging=stderr",
                "--v=0",
                "--virtual-time-budget=2000",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .args(["--dump-dom", address])
            .stdin(Stdio::null())
            .output()
            .ok()
    };
    let output = program.iter().find_map(run)?;
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let lines = said.lines().filter(|line| line.contains("CONSOLE"));
    let dom = String::from_utf8_lossy(&output.stdout).into_owned();
    Some((lines.map(str::to_owned).collect(), dom))
}

fn file(path: &Path, page: &str) -> String {
    std::fs::write(path, page).unwrap();
    format!("file://{}", path.display())
}

fn newsroom() -> Newsroom {
    let newsroom = common::sample();
    let configuration = std::fs::read_to_string(newsroom.path("feeds.toml")).unwrap();
    let served = match configuration.contains("\n[serve]") {
        true => configuration.replacen("\n[serve]\n", "\n[serve]\non_demand = true\n", 1),
        false => format!("{configuration}\n[serve]\non_demand = true\n"),
    };
    newsroom.write("feeds.toml", served);
    // Pictures, tables with aligned columns and a correction: what pages may hold.
    newsroom.write(
        "news/hostile.md",
        "+++\ntitle = \"Everything at once\"\ndate = 2025-01-02\ncorrection = \"It was two.\"\n+++\n\n\
         | a | b |\n|---|--:|\n| 1 | 2 |\n\n![A picture](https://pictures.example/a.png)\n\n\
         <p style=\"position:fixed\" onclick=\"alert(1)\">Text</p><script>alert(1)</script>\n",
    );
    newsroom.item("news/away.md", "Soon away", "x");
    newsroom.build();
    std::fs::remove_file(newsroom.path("news/away.md")).unwrap();
    newsroom.build();
    newsroom
}

#[test]
fn no_page_offends_the_policy_that_it_is_served_under() {
    let folder = tempfile::tempdir().unwrap();
    // A page that does: so it is known that the console would tell.
    let policy = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'\">";
    let offending =
        format!("<!doctype html>{policy}<p style=\"color:red\">x</p><script>1</script>");
    let Some((said, _)) = console(&file(&folder.path().join("a.html"), &offending)) else {
        eprintln!("there is no Chromium here: nothing tested");
        return;
    };
    let told = said
        .iter()
        .any(|line| line.contains("Content Security Policy"));
    assert!(told, "{said:?}");

    let newsroom = newsroom();
    let serving = Serving::start(&newsroom);
    let pages = [
        "",
        "ru/",
        "subscribe/",
        "field-of-work/",
        "field-of-work/gender-equality/",
        "news/2025/everything-at-once/",
        "news/2024/soon-away/",
        "digests/weekly/",
        "nowhere/at/all/",
        "build/?term=field_of_work:gender-equality",
    ];
    for page in pages {
        let address = format!("http://{}/{page}", serving.address);
        let (said, dom) = console(&address).unwrap();
        let is_of_page = |line: &&String| {
            // What is not there is said too, as is a picture that cannot be fetched.
            !line.contains("Failed to load resource")
        };
        let said: Vec<&String> = said.iter().filter(is_of_page).collect();
        assert!(said.is_empty(), "{page}: {said:?}");
        // The style sheet came through: the page is not what an error of the browser looks like.
        assert!(dom.contains("site-header"), "{page}: {dom}");
    }
}
