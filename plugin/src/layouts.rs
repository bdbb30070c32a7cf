//! The audio ports a host can choose from, in the order they are offered.
use nice_plug::prelude::{AudioIOLayout, NonZeroU32, PortNames, new_nonzero_u32};

const STEREO: NonZeroU32 = new_nonzero_u32(2);

/// Auxiliary outputs in their fixed order: the stems in `take::StemKind` order, then cue.
pub const AUX_OUTPUTS: [&str; 6] = ["Drums", "Bass", "Harmony", "Melody", "Other", "Cue"];

const fn names(layout: &'static str) -> PortNames {
    PortNames {
        layout: Some(layout),
        main_input: None,
        main_output: Some("Main"),
        aux_inputs: &["Sidechain"],
        aux_outputs: &AUX_OUTPUTS,
    }
}

/// The first one has every port there is; hosts that negotiate nothing take it.
pub const LAYOUTS: &[AudioIOLayout] = &[
    AudioIOLayout {
        main_input_channels: None,
        main_output_channels: Some(STEREO),
        aux_input_ports: &[STEREO],
        aux_output_ports: &[STEREO; 6],
        names: names("Stereo with stem outputs"),
    },
    AudioIOLayout {
        main_input_channels: None,
        main_output_channels: Some(STEREO),
        aux_input_ports: &[],
        aux_output_ports: &[],
        names: names("Stereo"),
    },
    AudioIOLayout {
        main_input_channels: None,
        main_output_channels: NonZeroU32::new(1),
        aux_input_ports: &[],
        aux_output_ports: &[],
        names: names("Mono"),
    },
];
