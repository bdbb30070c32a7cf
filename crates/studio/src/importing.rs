//! Files from outside that become takes.
use crate::core::{Core, lane};
use crate::preparing::analysed;
use crate::shelf::Prepared;
use engine::{DeckIndex, SwapAt};
use jobs::{FileTake, FileTakeError, FileWish, Job, JobEnd};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use take::StyleId;

/// Imports that may be under way at once.
const MAX_IMPORTS: usize = 8;

/// A running import.
#[derive(Debug)]
pub(crate) struct Import {
    deck: DeckIndex,
    at: SwapAt,
    job: Job<Result<(Prepared, Vec<String>), FileTakeError>>,
}

impl Core {
    pub(crate) fn import_file(&mut self, deck: DeckIndex, path: PathBuf, at: SwapAt) {
        if self.imports.len() >= MAX_IMPORTS {
            self.say_of(deck, &format!("{MAX_IMPORTS} files are being read already; drop the others in a moment"));
            return;
        }
        let style = self.session.user_style.clone().unwrap_or_else(|| StyleId::built_in(0));
        let wish = FileWish { style, bars: None, tempo: None };
        let (importer, rate) = (self.env.importer.clone(), self.env.original_rate);
        let job = self.env.pool.submit(self.owner(lane::IMPORT), self.waker(), move |progress, cancel| {
            let FileTake { take, remarks } = importer.take_from_file(&path, &wish, rate, progress, cancel)?;
            let playable = analysed(&take, take.original.clone());
            let file = path.file_name().map_or_else(|| path.display().to_string(), name_of);
            let remarks = remarks.into_iter().map(|remark| format!("{file}: {remark}.")).collect();
            Ok((Prepared { take: Arc::new(take), playable: Some(playable) }, remarks))
        });
        match job {
            Ok(job) => self.imports.push(Import { deck, at, job }),
            Err(full) => self.say_of(deck, &format!("the file was not read: {full}")),
        }
        self.touch();
    }

    pub(crate) fn poll_imports(&mut self) {
        let mut ends = Vec::new();
        self.imports.retain_mut(|import| match import.job.poll() {
            Some(end) => {
                ends.push((import.deck, import.at, end));
                false
            }
            None => true,
        });
        for (deck, at, end) in ends {
            match end {
                JobEnd::Done(Ok((made, remarks))) => {
                    remarks.iter().for_each(|remark| self.notices.info(remark.as_str()));
                    self.receive_import(deck, at, made);
                }
                JobEnd::Done(Err(error)) => self.say_of(deck, &error.to_string()),
                JobEnd::Panicked(words) => self.say_of(deck, &format!("a worker broke on the file ({words})")),
                JobEnd::NeverRan => {}
            }
            self.touch();
        }
    }

    fn receive_import(&mut self, index: DeckIndex, at: SwapAt, made: Prepared) {
        self.shelf.put(&made);
        let take = made.take;
        self.save(take.clone());
        let is_starred = self.index.star(take.id).unwrap_or(false);
        let deck = self.deck(index);
        deck.remember(take.id, &take.info, is_starred);
        deck.arm(take.id, at);
        self.touch_session();
    }
}

fn name_of(name: &std::ffi::OsStr) -> String {
    Path::new(name).display().to_string()
}
