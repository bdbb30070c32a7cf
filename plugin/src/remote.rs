//! Pages for hardware controllers (CLAP remote controls): the session, then four pages per deck.
use crate::params::ContinuoParams;
use nice_plug::prelude::{RemoteControlsContext, RemoteControlsPage, RemoteControlsSection};

/// Describes every page to the host.
pub fn describe(params: &ContinuoParams, context: &mut impl RemoteControlsContext) {
    context.add_section("Session", |section| {
        section.add_page("Next take", |page| {
            page.add_param(&params.style);
            page.add_param(&params.key);
            page.add_param(&params.scale);
            page.add_param(&params.bars);
            page.add_param(&params.energy);
            page.add_param(&params.complexity);
            page.add_param(&params.swing);
            page.add_param(&params.humanise);
        });
        section.add_page("Decks", |page| params.decks().into_iter().for_each(|deck| page.add_param(&deck.level)));
        section.add_page("Generate", |page| {
            params.decks().into_iter().for_each(|deck| page.add_param(&deck.generate));
        });
        section.add_page("Separate", |page| {
            params.separate().into_iter().for_each(|button| page.add_param(button));
        });
        section.add_page("Swaps", |page| {
            page.add_param(&params.engine);
            page.add_param(&params.swap);
            page.add_param(&params.crossfade);
            page.add_param(&params.master);
            page.add_param(&params.cue_in_main);
        });
    });
    let band = &params.band;
    context.add_section("Band", |section| {
        section.add_page("Band", |page| {
            page.add_param(&band.on);
            page.add_param(&band.style);
            page.add_param(&band.intensity);
            page.add_param(&band.fill);
            page.add_param(&band.source);
            page.add_param(&band.lock);
            page.add_param(&band.midi_out);
        });
        section.add_page("Band levels", |page| {
            band.levels().into_iter().for_each(|level| page.add_param(level));
        });
    });
    for (index, deck) in params.decks().into_iter().enumerate() {
        context.add_section(format!("Deck {}", index + 1), |section| {
            section.add_page(format!("Deck {} play", index + 1), |page| {
                page.add_param(&deck.generate);
                page.add_param(&deck.play);
                page.add_param(&deck.previous);
                page.add_param(&deck.next);
                page.add_param(&deck.cancel);
                page.add_param(&deck.mute);
                page.add_param(&deck.solo);
                page.add_param(&deck.level);
            });
            section.add_page(format!("Deck {} sound", index + 1), |page| {
                page.add_param(&deck.filter);
                page.add_param(&deck.resonance);
                page.add_param(&deck.reverb);
                page.add_param(&deck.delay);
                page.add_param(&deck.pitch);
                page.add_param(&deck.pan);
            });
            section.add_page(format!("Deck {} stems", index + 1), |page| {
                [&deck.drums, &deck.bass, &deck.harmony, &deck.melody, &deck.other]
                    .into_iter()
                    .for_each(|level| page.add_param(level));
            });
            section.add_page(format!("Deck {} mutes", index + 1), |page| {
                [&deck.mute_drums, &deck.mute_bass, &deck.mute_harmony, &deck.mute_melody, &deck.mute_other]
                    .into_iter()
                    .for_each(|mute| page.add_param(mute));
            });
        });
    }
}
