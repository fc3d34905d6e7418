//! The DNS, asked for one record after the other.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{RData, RecordType};

use super::{Answer, LookupError, Resolver, reverse};

/// The DNS as some name servers know it.
pub struct Dns {
    resolver: TokioResolver,
    runtime: tokio::runtime::Runtime,
}

impl Dns {
    /// Through the name servers that the system is set up to use.
    ///
    /// # Errors
    /// When there are none that can be used.
    pub fn of_system() -> Result<Dns, LookupError> {
        Dns::new(|| TokioResolver::builder_tokio()?.build())
    }

    /// Through the name server at an address, over UDP, and TCP where an answer is too long. It is
    /// given `patience` for each answer, and asked twice.
    ///
    /// # Errors
    /// When the system has no thread or socket left.
    pub fn at(server: SocketAddr, patience: Duration) -> Result<Dns, LookupError> {
        let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()];
        let connections = connections.map(|mut connection| {
            connection.port = server.port();
            connection
        });
        let server = NameServerConfig::new(server.ip(), true, connections.into());
        let config = ResolverConfig::from_name_servers(vec![server]);
        Dns::new(|| {
            let provider = TokioRuntimeProvider::default();
            let mut builder = TokioResolver::builder_with_config(config, provider);
            builder.options_mut().timeout = patience;
            builder.options_mut().attempts = 1;
            builder.build()
        })
    }

    fn new(build: impl FnOnce() -> Result<TokioResolver, NetError>) -> Result<Dns, LookupError> {
        let failed = |why: String| LookupError {
            name: "the DNS".to_owned(),
            why,
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| failed(error.to_string()))?;
        let resolver = runtime
            .block_on(async { build() })
            .map_err(|error| failed(error.to_string()))?;
        Ok(Dns { resolver, runtime })
    }

    fn look_up<T>(
        &self,
        name: &str,
        kind: RecordType,
        read: impl Fn(&RData) -> Option<T>,
    ) -> Answer<T> {
        // With a dot, nothing is tried below the system's own domain.
        let asked = format!("{name}.");
        let answer = self.runtime.block_on(self.resolver.lookup(asked, kind));
        match answer {
            Ok(answer) => {
                let records = answer.answers().iter();
                Ok(records.filter_map(|record| read(&record.data)).collect())
            }
            Err(error) if error.is_no_records_found() => Ok(Vec::new()),
            Err(error) => Err(failed(name, &error)),
        }
    }
}

fn failed(name: &str, error: &NetError) -> LookupError {
    let why = match error {
        NetError::Timeout => "no name server answered in time".to_owned(),
        NetError::Dns(DnsError::ResponseCode(ResponseCode::ServFail)) => {
            "the name server failed (SERVFAIL); those of the domain may be down, or its DNSSEC is \
             broken"
                .to_owned()
        }
        NetError::Dns(DnsError::ResponseCode(ResponseCode::Refused)) => {
            "the name server answers nobody from here (REFUSED)".to_owned()
        }
        NetError::Io(error) => format!("no name server can be reached: {error}"),
        NetError::NoConnections => "no name server can be reached".to_owned(),
        error => error.to_string(),
    };
    LookupError {
        name: name.to_owned(),
        why,
    }
}

impl Resolver for Dns {
    fn texts(&self, name: &str) -> Answer<String> {
        self.look_up(name, RecordType::TXT, |data| match data {
            RData::TXT(text) => {
                let octets: Vec<u8> = text
                    .txt_data
                    .iter()
                    .flat_map(|part| part.to_vec())
                    .collect();
                Some(String::from_utf8_lossy(&octets).into_owned())
            }
            _ => None,
        })
    }

    fn exchanges(&self, name: &str) -> Answer<String> {
        let mut found = self.look_up(name, RecordType::MX, |data| match data {
            RData::MX(exchange) => {
                let host = exchange.exchange.to_ascii();
                let host = match host.trim_end_matches('.') {
                    "" => ".",
                    host => host,
                };
                Some((exchange.preference, host.to_owned()))
            }
            _ => None,
        })?;
        found.sort();
        Ok(found.into_iter().map(|(_, host)| host).collect())
    }

    fn addresses(&self, name: &str) -> Answer<IpAddr> {
        let mut found = self.look_up(name, RecordType::A, |data| match data {
            RData::A(address) => Some(IpAddr::V4(address.0)),
            _ => None,
        })?;
        found.extend(self.look_up(name, RecordType::AAAA, |data| match data {
            RData::AAAA(address) => Some(IpAddr::V6(address.0)),
            _ => None,
        })?);
        Ok(found)
    }

    fn names(&self, address: IpAddr) -> Answer<String> {
        self.look_up(&reverse(address), RecordType::PTR, |data| match data {
            RData::PTR(name) => Some(name.0.to_ascii().trim_end_matches('.').to_owned()),
            _ => None,
        })
    }

    fn exists(&self, name: &str) -> Result<bool, LookupError> {
        let asked = self.resolver.lookup(format!("{name}."), RecordType::SOA);
        match self.runtime.block_on(asked) {
            Ok(_) => Ok(true),
            Err(error) if error.is_nx_domain() => Ok(false),
            Err(error) if error.is_no_records_found() => Ok(true),
            Err(error) => Err(failed(name, &error)),
        }
    }
}
