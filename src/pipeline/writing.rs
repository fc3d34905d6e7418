//! From the catalog to the output: what is not up to date is rendered and written.

use rayon::prelude::*;

use super::{Newsroom, PipelineError, Progress, Report, Stage};
use crate::catalog::Topic;
use crate::diagnostic::Problem;
use crate::output::status::{self, Status};
use crate::output::{Output, OutputError, Put};
use crate::publish::{Document, Publisher, Unit};
use crate::websub::topic;

/// How many units are rendered before their files are remembered: bounds the memory, and what a
/// crash makes to be done again.
const RENDER_AT_ONCE: usize = 4_096;

impl Newsroom {
    /// Renders and writes what is not up to date, then removes what is stale. Units come in the
    /// order in which they must be written.
    pub(super) fn publish(
        &mut self,
        units: Vec<Unit>,
        stale: Vec<String>,
        progress: &dyn Progress,
        report: &mut Report,
    ) -> Result<(), PipelineError> {
        let publisher = self.publisher();
        let due: Vec<(Unit, u64)> = units
            .into_par_iter()
            .filter_map(|unit| {
                let inputs = publisher.inputs(&unit);
                let paths = publisher.paths(&unit);
                let is_current = |path: &String| self.output.is_current(path, inputs);
                (!paths.iter().all(is_current)).then_some((unit, inputs))
            })
            .collect();
        progress.start(Stage::Write, due.len());
        let (first, later) = due.split_at(due.partition_point(|(unit, _)| !unit.can_wait()));
        for some in first
            .chunks(RENDER_AT_ONCE)
            .chain(later.chunks(RENDER_AT_ONCE))
        {
            let publisher = self.publisher();
            let paths = some.iter().flat_map(|(unit, _)| publisher.paths(unit));
            let paths: Vec<String> = paths.collect();
            let topics = self.announce_topics(&paths)?;
            self.output.announce(paths.iter().map(String::as_str))?;
            let publisher = self.publisher();
            let results: Vec<Result<Vec<Put>, Failure>> = some
                .par_iter()
                .map(|(unit, inputs)| {
                    let puts = render_and_put(&publisher, &self.output, unit, *inputs);
                    progress.step(Stage::Write);
                    puts
                })
                .collect();
            let mut puts = Vec::new();
            let mut disk = None;
            for result in results {
                match result {
                    Ok(some) => puts.extend(some),
                    Err(Failure::Render(problem)) => report.problems.push(problem),
                    Err(Failure::Write(error @ OutputError::Disk { .. })) => disk = Some(error),
                    Err(Failure::Write(error)) => {
                        report.problems.push(Problem::error(error.to_string()))
                    }
                }
            }
            if topics {
                let changed = puts.iter().filter(|put| put.changed).map(Put::path);
                let changed: Vec<String> = topics_of(changed).collect();
                self.ledger.record_notices(&self.hubs, &changed, AT_ONCE)?;
            }
            report.add(self.output.commit(puts)?);
            if let Some(error) = disk {
                return Err(error.into());
            }
        }
        report.add(self.output.remove(&stale)?);
        self.state_numbers()?;
        progress.finish();
        Ok(())
    }

    /// Tells whoever serves the output which addresses are gone and which have moved.
    pub(super) fn write_addresses(&mut self) -> Result<(), PipelineError> {
        if !self.addresses_changed {
            return Ok(());
        }
        let former = self.ledger.former_pages()?;
        let folder = self.setup.root.join(&self.setup.config.output.folder);
        let addresses = self.publisher().addresses(&former);
        addresses
            .write(&folder)
            .map_err(|source| PipelineError::State {
                path: folder.join(crate::output::addresses::FILE),
                source,
            })?;
        self.addresses_changed = false;
        Ok(())
    }

    /// Seals what has become old of some topics, in the ledger first.
    pub(super) fn seal(
        &mut self,
        topics: impl IntoIterator<Item = Topic>,
    ) -> Result<Vec<Unit>, PipelineError> {
        let topics: Vec<Topic> = topics.into_iter().collect();
        let (config, catalog) = (&self.setup.config, &self.catalog);
        let (records, pages) = self.archives.seal(config, catalog, topics);
        self.ledger.record_seals(&records)?;
        Ok(pages.into_iter().map(Unit::Sealed).collect())
    }

    /// Tells whoever serves the output what is published, in numbers.
    fn state_numbers(&self) -> Result<(), PipelineError> {
        let counts = self.counts();
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let status = Status {
            items: number(counts.live),
            feeds: number(counts.feeds),
            rejects: number(counts.refused),
        };
        let folder = self.setup.root.join(&self.setup.config.output.folder);
        status.write(&folder).map_err(|source| {
            let path = folder.join(status::FILE);
            OutputError::Disk { path, source }.into()
        })
    }
}

impl Newsroom {
    /// Remembers which feeds are about to be written; whether there are any that hubs must hear
    /// of.
    fn announce_topics(&mut self, paths: &[String]) -> Result<bool, PipelineError> {
        if self.hubs.is_empty() {
            return Ok(false);
        }
        let topics: Vec<String> = topics_of(paths.iter().map(String::as_str)).collect();
        if !topics.is_empty() {
            self.ledger.announce_topics(&self.hubs, &topics, AT_ONCE)?;
        }
        Ok(!topics.is_empty())
    }
}

/// When hubs are to be told of a feed that changed: as soon as somebody does.
const AT_ONCE: i64 = 0;

/// The paths that are feeds, which hubs push.
fn topics_of<'p>(paths: impl Iterator<Item = &'p str>) -> impl Iterator<Item = String> {
    paths
        .filter(|path| topic::format(path).is_some())
        .map(str::to_owned)
}

enum Failure {
    Render(Problem),
    Write(OutputError),
}

fn render_and_put(
    publisher: &Publisher<'_>,
    output: &Output,
    unit: &Unit,
    inputs: u64,
) -> Result<Vec<Put>, Failure> {
    let documents = publisher.render(unit).map_err(Failure::Render)?;
    let put = |document: Document| match document {
        Document::Bytes(path, bytes) => output.put(&path, inputs, &bytes),
        Document::Copy(path, source) => {
            output.copy(&path, inputs, &publisher.setup.root.join(&*source))
        }
    };
    documents
        .into_iter()
        .map(put)
        .collect::<Result<_, _>>()
        .map_err(Failure::Write)
}
