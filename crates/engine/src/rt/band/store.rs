//! Room: RT
//! The sections the band holds: which note of which section counts at a beat.
use take::{LiveNote, LiveSection};

/// Sections held at once. Changing its mind on every tick, the band fills eight bars of 4/4.
pub(super) const MAX_SECTIONS: usize = 64;

/// Sections by age, the oldest first. A younger one counts wherever two overlap.
#[derive(Debug)]
pub(super) struct Store {
    sections: [Option<Box<LiveSection>>; MAX_SECTIONS],
    count: usize,
}

impl Store {
    pub(super) fn new() -> Self {
        Self { sections: [const { None }; MAX_SECTIONS], count: 0 }
    }

    /// Holds a section; the oldest comes out when there is no room.
    pub(super) fn push(&mut self, section: Box<LiveSection>) -> Option<Box<LiveSection>> {
        let oldest = if self.count == MAX_SECTIONS { self.pop() } else { None };
        if let Some(slot) = self.sections.get_mut(self.count) {
            *slot = Some(section);
            self.count += 1;
        }
        oldest
    }

    /// Gives back the oldest section.
    pub(super) fn pop(&mut self) -> Option<Box<LiveSection>> {
        let oldest = self.sections.first_mut()?.take();
        self.sections.rotate_left(1);
        self.count = self.count.saturating_sub(1);
        oldest
    }

    /// The oldest section is wholly covered by the youngest: nobody will ask for it again.
    pub(super) fn has_spare(&self) -> bool {
        let (Some(Some(oldest)), Some(youngest)) = (self.sections.first(), self.youngest()) else { return false };
        self.count > 1 && youngest.start <= oldest.start && oldest.end <= youngest.end
    }

    pub(super) fn youngest(&self) -> Option<&LiveSection> {
        self.sections.get(self.count.checked_sub(1)?)?.as_deref()
    }

    /// Some section holds this beat.
    pub(super) fn covers(&self, beat: f64, skip_youngest: bool) -> bool {
        let count = if skip_youngest { self.count.saturating_sub(1) } else { self.count };
        self.sections.iter().take(count).flatten().any(|section| (section.start..section.end).contains(&beat))
    }

    /// Calls `play` for every note that counts and starts in `from..to`.
    pub(super) fn each_note(&self, from: f64, to: f64, mut play: impl FnMut(&LiveSection, &LiveNote)) {
        for (age, section) in self.sections.iter().take(self.count).enumerate() {
            let Some(section) = section else { continue };
            let first = section.notes.partition_point(|note| note.start < from);
            for note in section.notes.iter().skip(first).take_while(|note| note.start < to) {
                if !self.is_covered_after(age, note.start) {
                    play(section, note);
                }
            }
        }
    }

    fn is_covered_after(&self, age: usize, beat: f64) -> bool {
        let younger = self.sections.iter().take(self.count).skip(age + 1).flatten();
        younger.into_iter().any(|section| (section.start..section.end).contains(&beat))
    }
}
