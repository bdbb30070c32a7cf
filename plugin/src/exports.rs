//! What plugin hosts find in the library: the CLAP and the VST3 entry points. The ids are permanent.
//!
//! The entry points are ours and not the framework's macros because of the auxiliary buses. Hosts leave buses they do
//! not use unconnected: Qtractor passes one bus however many a CLAP has, pedalboard passes null channel pointers for
//! the VST3 buses it disabled. The framework (0.4.2) reads past the end of the one and writes through the other.
//! So every process call first goes through [`pad`], which completes the host's buses with memory of our own.
mod clap;
mod controllers;
mod pad;
mod vst3;

use crate::{Continuo, remote};
use nice_plug::prelude::*;

impl ClapPlugin for Continuo {
    const CLAP_ID: &'static str = "audio.continuo.continuo";
    const CLAP_DESCRIPTION: Option<&'static str> = Some("Generates loops and plays them locked to the host");
    const CLAP_MANUAL_URL: Option<&'static str> = None;
    const CLAP_SUPPORT_URL: Option<&'static str> = None;
    const CLAP_FEATURES: &'static [ClapFeature] =
        &[ClapFeature::Instrument, ClapFeature::Sampler, ClapFeature::Synthesizer, ClapFeature::Stereo];

    fn remote_controls(&self, context: &mut impl RemoteControlsContext) {
        remote::describe(&self.params, context);
    }
}

impl Vst3Plugin for Continuo {
    const VST3_CLASS_ID: [u8; 16] = *b"ContinuoAudioPl1";
    const VST3_SUBCATEGORIES: &'static [Vst3SubCategory] =
        &[Vst3SubCategory::Instrument, Vst3SubCategory::Sampler, Vst3SubCategory::Synth];
}
