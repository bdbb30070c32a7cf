//! Which tokens may come where.
use super::event::EventKind;
use super::request::MidiModelRequest;
use super::vocab::{EOS, Parameter, Version};

/// The allowed tokens of each place in an event; all of them lists that are not empty.
pub(super) struct Masks {
    version: Version,
    kinds: Vec<usize>,
    /// Of each kind, in the order of [`Version::kinds`]: of each of its parameters.
    parameters: Vec<Vec<Vec<usize>>>,
}

impl Masks {
    /// What a request leaves the model to choose from. Where it names instruments, these stay, on their channels.
    pub(super) fn new(version: Version, request: &MidiModelRequest) -> Self {
        let channels: Vec<usize> = request.patches().iter().map(|(channel, _)| usize::from(*channel)).collect();
        let is_allowed = |kind: EventKind| match kind {
            EventKind::PatchChange => channels.is_empty(),
            EventKind::ControlChange => request.may_move_controllers,
            _ => true,
        };
        let kinds = version.kinds().iter().copied().filter(|kind| is_allowed(*kind));
        let mut kinds: Vec<usize> = kinds.filter_map(|kind| version.kind_token(kind)).collect();
        if request.may_end_early {
            kinds.push(EOS as usize);
        }
        let tokens = |parameter: &Parameter| {
            let range = version.tokens_of(*parameter);
            let first = range.start;
            let is_open = |token: &usize| {
                *parameter != Parameter::Channel || channels.is_empty() || channels.contains(&(token - first))
            };
            range.filter(is_open).collect::<Vec<_>>()
        };
        let parameters = version.kinds().iter().map(|kind| version.parameters(*kind).iter().map(tokens).collect());
        Self { version, kinds, parameters: parameters.collect() }
    }

    /// What an event may begin with.
    pub(super) fn kinds(&self) -> &[usize] {
        &self.kinds
    }

    /// What may follow in each place after the kind.
    pub(super) fn parameters(&self, kind: i64) -> impl Iterator<Item = &[usize]> {
        let kind = self.version.kind_of(kind);
        let place = self.version.kinds().iter().position(|known| Some(*known) == kind);
        let lists = place.and_then(|place| self.parameters.get(place));
        lists.into_iter().flatten().map(Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(version: Version, masks: &Masks) -> Vec<EventKind> {
        masks.kinds().iter().filter_map(|token| version.kind_of(*token as i64)).collect()
    }

    #[test]
    fn instruments_that_are_named_stay_on_their_channels() {
        let request = MidiModelRequest {
            programs: vec![33, 5],
            drum_kit: Some(0),
            may_end_early: true,
            ..MidiModelRequest::new(16.0, 120.0, 1)
        };
        let masks = Masks::new(Version::V1, &request);
        assert_eq!(kinds(Version::V1, &masks), [EventKind::Note, EventKind::SetTempo]);
        assert!(masks.kinds().contains(&(EOS as usize)));
        let first = Version::V1.tokens_of(Parameter::Channel).start;
        let channel = masks.parameters(3).nth(4).unwrap();
        assert_eq!(channel, [first, first + 1, first + 9]);
    }

    #[test]
    fn without_instruments_the_model_picks_them() {
        let request = MidiModelRequest { may_move_controllers: true, ..MidiModelRequest::new(16.0, 120.0, 1) };
        let masks = Masks::new(Version::V2, &request);
        assert_eq!(kinds(Version::V2, &masks), EventKind::ALL);
        assert!(!masks.kinds().contains(&(EOS as usize)), "a loop does not end");
        assert_eq!(masks.parameters(4).map(<[usize]>::len).collect::<Vec<_>>(), [128, 16, 128, 16, 128]);
    }
}
