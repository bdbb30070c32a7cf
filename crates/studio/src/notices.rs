//! The list of sentences for the user.
use crate::{Notice, NoticeKind};
use std::path::PathBuf;
use std::sync::Arc;

/// Kept until dismissed, the oldest giving way.
#[derive(Debug, Default)]
pub(crate) struct Notices {
    list: Arc<Vec<Notice>>,
    last_number: u64,
}

impl Notices {
    /// Most notices kept.
    pub(crate) const MAX: usize = 50;

    /// Something did not work.
    pub(crate) fn error(&mut self, text: impl Into<String>) {
        self.add(NoticeKind::Error, text.into(), None);
    }

    /// A file was written.
    pub(crate) fn wrote(&mut self, text: impl Into<String>, path: PathBuf) {
        self.add(NoticeKind::Info, text.into(), Some(path));
    }

    /// Good to know.
    pub(crate) fn info(&mut self, text: impl Into<String>) {
        self.add(NoticeKind::Info, text.into(), None);
    }

    /// A sentence that is there already is not said again: it moves to the end under a new number.
    fn add(&mut self, kind: NoticeKind, text: String, path: Option<PathBuf>) {
        self.last_number += 1;
        let list = Arc::make_mut(&mut self.list);
        list.retain(|notice| (notice.kind, &notice.text, &notice.path) != (kind, &text, &path));
        list.push(Notice { number: self.last_number, kind, text, path });
        if list.len() > Self::MAX {
            list.remove(0);
        }
    }

    pub(crate) fn dismiss(&mut self, number: u64) {
        Arc::make_mut(&mut self.list).retain(|notice| notice.number != number);
    }

    pub(crate) fn list(&self) -> Arc<Vec<Notice>> {
        self.list.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notices_are_kept_until_dismissed_but_bounded() {
        let mut notices = Notices::default();
        (0..60).for_each(|index| notices.error(format!("sentence {index}")));
        assert_eq!(notices.list().len(), Notices::MAX);
        assert_eq!(notices.list()[0].text, "sentence 10");
        notices.dismiss(notices.list()[0].number);
        assert_eq!(notices.list()[0].text, "sentence 11");
    }

    #[test]
    fn the_same_sentence_is_not_said_twice() {
        let mut notices = Notices::default();
        ["full", "other", "full"].into_iter().for_each(|text| notices.error(text));
        let texts: Vec<_> = notices.list().iter().map(|notice| notice.text.clone()).collect();
        assert_eq!(texts, ["other", "full"]);
    }
}
