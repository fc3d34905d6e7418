//! Input made to harm: nothing panics, nothing is slow, nothing dangerous comes out.

use proptest::prelude::*;
use scraper::Html;

use super::fixtures::{folder, read, reader, site};
use crate::item::{Body, Format, summary};

const FORMATS: [Format; 4] = [Format::Markdown, Format::Text, Format::Html, Format::Json];

fn bodies(text: &str) -> [Body; 3] {
    [
        Body::Markdown(text.to_owned()),
        Body::Html(text.to_owned()),
        Body::Text(text.to_owned()),
    ]
}

/// What would run, or lead where it must not, in a browser that shows this HTML.
fn dangers(html: &str) -> Vec<String> {
    let mut dangers = Vec::new();
    for element in Html::parse_fragment(html)
        .root_element()
        .descendent_elements()
    {
        let name = element.value().name();
        if matches!(
            name,
            "script"
                | "style"
                | "iframe"
                | "object"
                | "embed"
                | "svg"
                | "math"
                | "form"
                | "base"
                | "meta"
                | "link"
        ) {
            dangers.push(name.to_owned());
        }
        for (key, value) in element.value().attrs() {
            let address = matches!(
                key,
                "href" | "src" | "cite" | "action" | "srcset" | "poster"
            );
            let allowed = ["https://", "http://", "mailto:", "tel:"];
            if key.starts_with("on")
                || (address && !allowed.iter().any(|scheme| value.starts_with(scheme)))
            {
                dangers.push(format!("{name} {key}={value}"));
            }
        }
    }
    if html.contains("<script") {
        dangers.push("<script".to_owned());
    }
    dangers
}

/// Runs on a thread with a small stack, as the pipeline's threads may have.
fn on_a_small_stack(work: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new()
        .stack_size(256 * 1024)
        .spawn(work)
        .expect("a thread starts")
        .join()
        .expect("neither panics nor overflows");
}

#[test]
fn ten_thousand_nested_elements_are_read_to_the_end() {
    let n = 10_000;
    let sources: Vec<(&str, String)> = vec![
        (
            "div",
            format!("{}x{}", "<div>".repeat(n), "</div>".repeat(n)),
        ),
        ("unclosed div", "<div>x".repeat(n)),
        ("bold", "<b>x".repeat(n)),
        (
            "distinct bold",
            (0..n).map(|k| format!("<p><b title={k}>x")).collect(),
        ),
        ("misnested", "<a><div></a>".repeat(n)),
        ("table", "<table><tr><td>".repeat(n)),
        ("svg", "<svg>".repeat(n)),
        ("select", "<select><option>".repeat(n)),
        ("comment", "<!--".repeat(n)),
        ("raw", "<script></scrip".repeat(n)),
        (
            "attributes",
            format!(
                "<p {}>x",
                (0..n).map(|k| format!("a{k}=1 ")).collect::<String>()
            ),
        ),
        ("quotation", format!("{} x", ">".repeat(n))),
        ("quotation lines", "> > > > > > > > > > > > x\n".repeat(n)),
        (
            "list",
            (0..300)
                .map(|k| format!("{}- x\n", " ".repeat(2 * k)))
                .collect(),
        ),
        ("brackets", "[".repeat(n)),
        ("links", "[a](".repeat(n)),
        ("images", "![a".repeat(n)),
        ("stars", "*a **b ".repeat(n)),
        (
            "backticks",
            (1..300).map(|k| format!("{} ", "`".repeat(k))).collect(),
        ),
        ("footnotes", "[^a]: [^a] [^b]\n\n".repeat(n)),
        ("entities", "&#1;&amp;&lt;script&gt;".repeat(n)),
        ("brackets of text", "<".repeat(n)),
        ("labels", "Issued by: x\n".repeat(n)),
        ("bullets", "- x\n".repeat(n)),
        ("empty labels", "Issued by:\n\n".repeat(n)),
        (
            "labelled divs",
            format!("{}Issued by: x", "<div>".repeat(n)),
        ),
        ("labelled spans", "<span>Issued by:</span>".repeat(n)),
        ("colons", "a: ".repeat(n)),
        ("labelled cells", "<dl><dt>Issued by<dd>x".repeat(n)),
        ("values", format!("<dl><dt>Issued by{}", "<dd>x".repeat(n))),
        ("bad dates", "Issued on: never\n".repeat(n)),
        ("bad dates of HTML", "<p>Issued on: never</p>".repeat(n)),
    ];
    on_a_small_stack(move || {
        for (name, source) in sources {
            // What takes quadratic work does not end in any useful time: the last name says which.
            println!("{name}");
            for format in FORMATS {
                let titled = match format {
                    Format::Html => format!("<h1>T</h1>{source}"),
                    Format::Markdown => format!("# T\n\n{source}"),
                    Format::Text => format!("T\n\n{source}"),
                    Format::Json => serde_json::json!({"title": "T", "body": source}).to_string(),
                };
                if let Ok(reading) = read(&titled, format) {
                    summary(&reading.item);
                }
            }
            for body in bodies(&source) {
                body.to_html(&site(), &folder());
                body.to_text();
            }
        }
    });
}

#[test]
fn the_known_tricks_do_not_get_through() {
    for trick in [
        "<script>alert(1)</script>",
        "<scr<script>ipt>alert(1)</script>",
        "<<script>alert(1)//<</script>",
        "<img src=x onerror=alert(1)>",
        "<img src='x' onerror='alert(1)' alt='a\" onload=\"x'>",
        "<svg onload=alert(1)>",
        "<svg><style><img src=x onerror=alert(1)></style></svg>",
        "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
        "<a href=\"javascript:alert(1)\">x</a>",
        "<a href=\"java&#10;script:alert(1)\">x</a>",
        "<a href=\"&#x6A;avascript&colon;alert(1)\">x</a>",
        "<a href=\" \u{1}javascript:alert(1)\">x</a>",
        "<a href=data:text/html,x>x</a>",
        "<form action=javascript:x><input type=submit>",
        "<iframe srcdoc='<script>x</script>'></iframe>",
        "<base href='javascript:'><meta http-equiv=refresh content='0;javascript:x'>",
        "<p style=\"background:url(javascript:x)\">x</p>",
        "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
        "<textarea></textarea><title></title><img src=x onerror=x>",
        "[x](javascript:alert(1))",
        "[x](JAVASCRIPT:alert(1))",
        "[x](java&#9;script:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](<java\tscript:alert(1)>)",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "![x](data:image/svg+xml,<svg/onload=x>)",
        "![x\"onerror=\"x](https://a.example/)",
        "[x](https://a.example/\"onclick=\"x)",
        "[x](https://a.example/ '\"onclick=\"x')",
        "<javascript:alert(1)>",
        "<https://a.example/\"onclick=\"x>",
        "[x]: javascript:alert(1)\n\n[x]",
        "```\"><script>alert(1)</script>\nx\n```",
        "[^1]\n\n[^1]: <script>x</script>",
        "http://a.example/\"onclick=\"alert(1)",
        "javascript://a.example/%0Aalert(1)",
        "]]><script>x</script>",
        "<!--><script>x</script>-->",
        "<![CDATA[<script>x</script>]]>",
        "<a title='\"><script>x</script>' href=/>x</a>",
    ] {
        for body in bodies(trick) {
            let html = body.to_html(&site(), &folder());
            assert_eq!(dangers(&html), [""; 0], "{trick}\n{html}");
        }
    }
}

fn hostile_text() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "<",
        ">",
        "</",
        "/>",
        "script",
        "<script>",
        "</script>",
        "<p>",
        "</p>",
        "<b ",
        "<a href=",
        "<img src=",
        "\"",
        "'",
        "=",
        "javascript:",
        "data:",
        "onclick=",
        "x",
        " ",
        "\n",
        "\n\n",
        "&",
        "&#",
        "106;",
        "&lt;",
        "&quot;",
        "[",
        "](",
        ")",
        "!",
        "`",
        "*",
        "# ",
        "> ",
        "- ",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "<svg>",
        "<style>",
        "</style>",
        "<math>",
        "<table>",
        "<td>",
        "<title>",
        "<noscript>",
        "https://a.example/",
        "\t",
        "\u{1}",
        "\u{FFFE}",
        "é",
        "😀",
        "+++\n",
        "---\n",
        "title = ",
        "title: ",
        "Issued by:",
        "{",
        "}",
        ":",
        "|",
    ]);
    prop::collection::vec(pieces, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        for format in FORMATS {
            let _ = reader().read(&bytes, format, &folder());
        }
    }

    #[test]
    fn no_text_makes_a_reader_panic(text in hostile_text()) {
        for format in FORMATS {
            if let Ok(reading) = read(&text, format) {
                prop_assert!(!reading.item.title.is_empty());
                let unclean = reading.item.title.contains(['\n', '\u{1}', '\u{FFFE}']);
                prop_assert!(!unclean);
                summary(&reading.item);
            }
        }
    }

    #[test]
    fn no_text_gets_anything_dangerous_through(text in hostile_text()) {
        for body in bodies(&text) {
            let html = body.to_html(&site(), &folder());
            prop_assert_eq!(dangers(&html), Vec::<String>::new(), "{}", html);
            let unclean = html.contains(['\u{1}', '\u{FFFE}']);
            prop_assert!(!unclean);
        }
    }

    #[test]
    fn plain_text_survives_being_written_as_html(text in "[a-z<>&\"'; #é-]{1,40}") {
        let body = Body::Text(text);
        let back = Body::Html(body.to_html(&site(), &folder()));
        let without_bullets = |text: String| text.trim_start_matches(['-', ' ']).to_owned();
        prop_assert_eq!(without_bullets(back.to_text()), without_bullets(body.to_text()));
    }
}
