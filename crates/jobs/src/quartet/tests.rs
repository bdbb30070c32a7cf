//! The quartet against a stub server on loopback: whatever it answers, every section is filled.
use super::*;
use crate::{StubAnswer, StubServer, StyleBook};
use take::{Beats, PartKind, PitchClass, Scale, StyleId};

/// Two bars in which everybody plays.
fn good_words() -> String {
    let voice = |header: &str, note: &str| format!("{header}\n{}", format!("{note}\n^\n.\n.\n").repeat(8));
    ["BASS C2:90", "DRUMS C2:100,D#3:70", "PIANO E3:60,G3:62,Bb3:58", "SAX C5:80"]
        .map(|line| line.split_once(' ').map_or_else(String::new, |(header, note)| voice(header, note)))
        .concat()
}

fn good() -> StubAnswer {
    StubAnswer::Words(good_words())
}

fn status(code: u16, body: &str) -> StubAnswer {
    StubAnswer::Status(code, String::new(), body.to_owned())
}

fn band() -> Box<dyn StandIn> {
    let jazz = StyleBook::built_in().get(&StyleId::from("jazz")).unwrap();
    Box::new(BandStandIn::new(jazz))
}

fn chords() -> Vec<ChordSpan> {
    let span = |start: f64, duration: f64, symbol: &str| ChordSpan {
        start: Beats(start),
        duration: Beats(duration),
        symbol: symbol.to_owned(),
    };
    vec![span(0.0, 2.0, "Dm7"), span(2.0, 2.0, "G7"), span(4.0, 8.0, "Cmaj7")]
}

fn request(number: u64, chords: &[ChordSpan]) -> SectionRequest<'_> {
    SectionRequest {
        number,
        num_bars: 2,
        tempo: Bpm::new(140.0).unwrap(),
        meter: Meter::FOUR_FOUR,
        key: Key::new(PitchClass::new(0), Scale::Major),
        chords,
    }
}

fn settings(server: &StubServer) -> QuartetSettings {
    QuartetSettings { base_url: server.base_url(), model: "stub".to_owned(), ..QuartetSettings::default() }
}

fn quartet(settings: QuartetSettings) -> Quartet {
    Quartet::new(settings, ApiKeys::none(), band()).unwrap()
}

fn next(quartet: &mut Quartet, number: u64) -> Section {
    let section = quartet.next_section(&request(number, &chords()), &CancelToken::default()).unwrap();
    assert_filled(&section);
    section
}

/// Two bars with drums, bass and chords in them.
fn assert_filled(section: &Section) {
    assert_eq!((section.pattern.num_bars(), section.pattern.num_steps()), (2, 32));
    for kind in [PartKind::Drums, PartKind::Bass, PartKind::Harmony] {
        let part = section.parts.iter().find(|part| part.kind == kind);
        assert!(part.is_some_and(|part| part.notes.len() >= 2), "{kind:?} in {:?}", section.said);
    }
    let ends = section.parts.iter().flat_map(|part| &part.notes).map(|note| note.start.0 + note.duration.0);
    assert!(ends.fold(0.0, f64::max) <= 8.0 + 1e-9);
}

/// The section that one answer leads to.
fn after(answer: StubAnswer) -> (Section, usize) {
    let server = StubServer::new([answer]);
    let mut quartet = quartet(settings(&server));
    let section = next(&mut quartet, 0);
    let said = section.said.as_ref().map(|said| said.replace(&server.host(), "HOST"));
    (Section { said, ..section }, server.requests().len())
}

fn assert_band_says(answer: StubAnswer, sentence: &str) {
    let (section, _) = after(answer);
    assert_eq!(section.by, PlayedBy::Band, "{:?}", section.said);
    assert_eq!(section.said.unwrap(), format!("{sentence}; the band plays this section."));
}

#[test]
fn a_good_answer_is_played_as_written() {
    for answer in [good(), StubAnswer::Slowly(good_words())] {
        let (section, num_requests) = after(answer);
        assert_eq!((section.by, &section.said, num_requests), (PlayedBy::Model, &None, 1));
        assert_eq!((section.reply.unwrap(), section.warnings), (good_words().trim().to_owned(), vec![]));
        assert_eq!(section.pattern.tempo, Some(Bpm::new(140.0).unwrap()));
        let mut written = parse_in(Meter::FOUR_FOUR, &good_words()).pattern;
        (written.tempo, written.swing) = (section.pattern.tempo, section.pattern.swing);
        assert_eq!((section.parts, section.pattern), (written.parts(written.swing.unwrap()), written));
    }
}

#[test]
fn every_failure_is_filled_by_the_band_and_said_in_one_sentence() {
    assert_band_says(StubAnswer::Words("I would rather talk.".to_owned()), "The model at HOST wrote no music");
    assert_band_says(StubAnswer::Words("BASS\nX\nY\nZ\nC2:1\nSAX".to_owned()), "The model at HOST wrote no music");
    assert_band_says(StubAnswer::Words("  ".to_owned()), "The model at HOST said nothing");
    assert_band_says(StubAnswer::Large(10 << 20), "HOST answered with more than 1 MiB");
    assert_band_says(status(200, "<html>Welcome</html>"), "HOST answered with something that is no chat completion");
    assert_band_says(status(200, r#"{"error":{"message":"busy"}}"#), "The model at HOST declined");
    let away = "Location: http://127.0.0.1:1/v1\r\n".to_owned();
    assert_band_says(StubAnswer::Status(302, away, String::new()), "HOST points to another address; set that one");
    assert_band_says(status(401, "{}"), "HOST wants a key (keys.toml or the environment)");
    let missing = status(404, r#"{"error":{"message":"model 'stub' not found"}}"#);
    assert_band_says(missing, "HOST failed with 404 (model 'stub' not found)");
}

#[test]
fn what_may_have_been_bad_luck_is_asked_once_more() {
    for unlucky in [status(500, ""), status(503, "<html>"), StubAnswer::Drop, StubAnswer::DropInside] {
        let server = StubServer::new([unlucky, good()]);
        let section = next(&mut quartet(settings(&server)), 0);
        assert_eq!((section.by, section.said, server.requests().len()), (PlayedBy::Model, None, 2));
    }
    let soon = StubAnswer::Status(429, "Retry-After: 0\r\n".to_owned(), "{}".to_owned());
    let server = StubServer::new([soon, good()]);
    assert_eq!(next(&mut quartet(settings(&server)), 0).by, PlayedBy::Model);
    let late = StubAnswer::Status(429, "Retry-After: 99999999999\r\n".to_owned(), "{}".to_owned());
    assert_band_says(late, "HOST was asked too often");
    let (section, num_requests) = after(status(500, ""));
    assert_eq!((section.by, num_requests), (PlayedBy::Band, 2));
    assert_eq!(section.said.unwrap(), "HOST failed with 500; the band plays this section.");
    assert_band_says(StubAnswer::DropInside, "HOST broke off its answer");
}

#[test]
fn a_server_that_hangs_costs_no_more_than_the_timeout() {
    let server = StubServer::new([StubAnswer::Hang]);
    let timeout = Duration::from_millis(100);
    let mut quartet = quartet(QuartetSettings { timeout, ..settings(&server) });
    let said = next(&mut quartet, 0).said.unwrap();
    assert_eq!(said, format!("{} did not answer within 0.1 s; the band plays this section.", server.host()));
}

#[test]
fn nobody_there_is_said_too() {
    let gone = StubServer::new([good()]);
    let settings = settings(&gone);
    drop(gone);
    let said = next(&mut quartet(settings), 0).said.unwrap();
    assert!(said.ends_with("cannot be reached; the band plays this section."), "{said}");
}

#[test]
fn a_cancelled_job_returns_while_the_server_hangs() {
    let server = StubServer::new([StubAnswer::Hang]);
    let mut quartet = quartet(QuartetSettings { timeout: Duration::from_secs(3600), ..settings(&server) });
    let cancel = CancelToken::default();
    std::thread::scope(|scope| {
        let working = scope.spawn(|| quartet.next_section(&request(0, &chords()), &cancel));
        server.wait_for_requests(1);
        cancel.cancel();
        assert_eq!(working.join().unwrap().unwrap_err(), Cancelled);
    });
}

#[test]
fn a_voice_the_model_left_out_is_the_bands() {
    let words = good_words().split("SAX").next().unwrap().to_owned();
    let (section, _) = after(StubAnswer::Words(words));
    assert_eq!(section.by, PlayedBy::Model);
    assert_eq!(section.said.unwrap(), "The model left out sax; the band plays it.");
    assert!(section.pattern.lane(Voice::Sax).iter().any(|cell| matches!(cell, composer::tracker::Cell::Strike(_))));
}

#[test]
fn short_and_long_answers_are_brought_to_two_bars() {
    let (short, _) =
        after(StubAnswer::Words("BASS\nC2:90\nE2:9\nDRUMS\nC2:90\nD2:8\nPIANO\nC4:90\nE4:8\nSAX\nC5:90".into()));
    assert_eq!((short.by, short.pattern.num_hits()), (PlayedBy::Model, 7));
    let (long, _) = after(StubAnswer::Words(format!("{}{}", good_words(), good_words())));
    assert_eq!((long.by, long.pattern.num_bars()), (PlayedBy::Model, 2));
}

#[test]
fn a_model_that_fails_again_and_again_is_left_alone_for_longer_and_longer() {
    let server = StubServer::new([status(400, "{}")]);
    let mut quartet = quartet(settings(&server));
    let said: Vec<String> = (0..12).map(|number| next(&mut quartet, number).said.unwrap_or_default()).collect();
    let asked: Vec<usize> = (0..12).filter(|number| !said[*number].is_empty()).collect();
    assert_eq!(asked, [0, 1, 3, 6, 11]);
    assert!(said[3].ends_with("the band plays this section and the next 2."), "{}", said[3]);
    assert_eq!(server.requests().len(), 5);
}

#[test]
fn after_a_good_section_the_model_has_all_its_chances_again() {
    let server = StubServer::new([status(400, "{}"), good(), status(400, "{}"), good()]);
    let mut quartet = quartet(settings(&server));
    let by: Vec<PlayedBy> = (0..4).map(|number| next(&mut quartet, number).by).collect();
    assert_eq!(by, [PlayedBy::Band, PlayedBy::Model, PlayedBy::Band, PlayedBy::Model]);
}

#[test]
fn the_model_is_told_everything_and_seeded() {
    let server = StubServer::new([good()]);
    let wanted = QuartetSettings {
        seed: 41,
        context_steps: 4,
        prompt_style: PromptStyle::Experimental,
        extra_words: "like rain\non a tin roof".to_owned(),
        ..settings(&server)
    };
    let mut quartet = quartet(wanted);
    next(&mut quartet, 0);
    next(&mut quartet, 1);
    let requests = server.requests();
    let body = &requests[1].body;
    assert_eq!((&body["model"], &body["seed"], &body["max_tokens"]), (&"stub".into(), &42.into(), &4500.into()));
    assert_eq!((&body["temperature"], &body["top_p"]), (&1.05.into(), &0.99.into()));
    assert!(body["messages"][0]["content"].as_str().unwrap().contains("Take risks."));
    assert!(requests[0].head.starts_with("POST /v1/chat/completions HTTP/1.1\r\n"), "{}", requests[0].head);
    let (first, second) = (requests[0].user_words(), requests[1].user_words());
    for told in [
        "Tempo 140 BPM, meter 4/4, key C",
        "1 Dm7, 3 G7 | 1 Cmaj7",
        "like rain on a tin roof",
        "next 2 bars: exactly 32 lines",
    ] {
        assert!(second.contains(told), "{told} in {second}");
    }
    assert!(second.contains("BASS\nC2:90\n^\n.\n.\nDRUMS\n") && !first.contains("BASS\n"), "{second}");
}

#[test]
fn keys_go_to_their_own_host_and_into_no_message() {
    let server = StubServer::new([good(), status(403, r#"{"error":{"message":"bad key sk-secret"}}"#), good()]);
    let dir = tempfile::tempdir().unwrap();
    let endpoint = Endpoint::parse(&server.base_url()).unwrap();
    ApiKeys::save(dir.path(), &endpoint, "sk-secret").unwrap();
    let (keys, problem) = ApiKeys::load_with(dir.path(), |_| None);
    assert!(problem.is_none());
    let mut quartet = Quartet::new(settings(&server), keys.clone(), band()).unwrap();
    next(&mut quartet, 0);
    assert!(server.requests()[0].head.to_lowercase().contains("authorization: bearer sk-secret"));
    let said = next(&mut quartet, 1).said.unwrap();
    assert_eq!(said, format!("{} refuses the key; the band plays this section.", server.host()));
    assert!(!format!("{quartet:?} {keys:?}").contains("sk-secret"));
}

mod ahead;
mod keys;
