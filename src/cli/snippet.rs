//! `tidings snippet`: configuration for other servers.

use std::path::Path;

use clap::{Args, ValueEnum};
use tidings::output::addresses::Addresses;
use tidings::serve::snippet::{self, Site};

use super::{Failure, Outcome, print, setup};

/// Print configuration for another web server or CDN
#[derive(Args)]
#[command(
    after_help = "What is gone and what has moved stands in it address by address: make it anew when that changes.\n\nExamples:\n  tidings snippet nginx > /etc/nginx/conf.d/news.conf\n  tidings snippet caddy > /etc/caddy/Caddyfile\n  tidings snippet cdn-headers > public/_headers\n  tidings snippet cdn-redirects > public/_redirects"
)]
pub struct Snippet {
    /// Which server it is for
    server: Server,
}

#[derive(Clone, Copy, ValueEnum)]
enum Server {
    /// A file for conf.d
    Nginx,
    /// A Caddyfile
    Caddy,
    /// The file _headers of Netlify and Cloudflare Pages
    CdnHeaders,
    /// The file _redirects of the same
    CdnRedirects,
}

impl Snippet {
    pub fn run(&self, directory: &Path) -> Result<Outcome, Failure> {
        let setup = setup(directory)?;
        let output = setup.root.join(&setup.config.output.folder);
        let site = Site {
            addresses: Addresses::read(&output)?,
            output,
            base_url: setup.config.site.base_url,
            cache: setup.config.serve.cache,
        };
        let text = match self.server {
            Server::Nginx => snippet::nginx(&site),
            Server::Caddy => snippet::caddy(&site),
            Server::CdnHeaders => snippet::cdn_headers(&site),
            Server::CdnRedirects => snippet::cdn_redirects(&site),
        };
        print::line(text.trim_end());
        Ok(Outcome::Fine)
    }
}
