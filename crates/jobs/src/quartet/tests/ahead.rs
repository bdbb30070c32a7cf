//! Sections in stock.
use super::{assert_filled, band, chords, good, quartet, request, settings};
use crate::quartet::{Ahead, PlayedBy, SectionRequest};
use crate::{CancelToken, StubServer};
use composer::Swing;

fn ahead() -> Ahead {
    Ahead::new(2, Swing::STRAIGHT, 1, band())
}

#[test]
fn the_stock_is_filled_to_its_capacity_and_played_in_order() {
    let server = StubServer::new([good()]);
    let (mut quartet, ahead, chords) = (quartet(settings(&server)), ahead(), chords());
    let mut num_written = 0;
    while ahead.write_one(&mut quartet, &request(0, &chords), &CancelToken::default()).unwrap() {
        num_written += 1;
    }
    assert_eq!((num_written, ahead.num_ready(), ahead.wanted()), (2, 2, None));
    for number in 0..2 {
        let section = ahead.take(&request(number, &chords));
        assert_eq!((section.number, section.by, section.said), (number, PlayedBy::Model, None));
    }
    assert_eq!(ahead.wanted(), Some(2));
}

#[test]
fn an_empty_stock_is_the_bands_turn_and_what_comes_too_late_is_dropped() {
    let server = StubServer::new([good()]);
    let (mut quartet, ahead, chords) = (quartet(settings(&server)), ahead(), chords());
    for number in 0..3 {
        let section = ahead.take(&request(number, &chords));
        assert_filled(&section);
        assert_eq!(section.said.unwrap(), "The model is late; the band plays this section.");
    }
    assert_eq!(ahead.wanted(), Some(3));
    ahead.write_one(&mut quartet, &request(0, &chords), &CancelToken::default()).unwrap();
    ahead.forget(9);
    assert_eq!((ahead.num_ready(), ahead.wanted()), (0, Some(9)));
}

#[test]
fn a_section_that_is_written_while_its_turn_passes_is_not_played_later() {
    let server = StubServer::new([crate::StubAnswer::Slowly(super::good_words())]);
    let (mut quartet, ahead, chords) = (quartet(settings(&server)), ahead(), chords());
    std::thread::scope(|scope| {
        scope.spawn(|| ahead.write_one(&mut quartet, &request(0, &chords), &CancelToken::default()));
        server.wait_for_requests(1);
        let section = ahead.take(&request(0, &chords));
        assert_filled(&section);
    });
    // Written for turn 0, which is over, whether it came before or after it.
    assert_eq!((ahead.num_ready(), ahead.wanted()), (0, Some(1)));
}

#[test]
fn other_chords_and_other_meters_are_followed_at_once() {
    let server = StubServer::new([good()]);
    let (mut quartet, ahead, chords) = (quartet(settings(&server)), ahead(), chords());
    let fill = |quartet: &mut _, number| {
        ahead.forget(number);
        while ahead.write_one(quartet, &request(number, &chords), &CancelToken::default()).unwrap() {}
    };
    fill(&mut quartet, 0);
    let section = ahead.take(&request(0, &chords[1..]));
    assert_filled(&section);
    assert_eq!(section.said.unwrap(), "The chords have changed; the band plays this section.");
    assert_eq!(ahead.num_ready(), 0, "what was written behind it was for the old chords");
    fill(&mut quartet, 5);
    let waltz = take::Meter::new(3, 4).unwrap();
    let section = ahead.take(&SectionRequest { meter: waltz, ..request(5, &chords) });
    assert_eq!((section.by, section.pattern.num_steps()), (PlayedBy::Band, 24));
}
