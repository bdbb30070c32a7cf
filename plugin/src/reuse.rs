//! A take's settings back on the dials, so that another one like it can be made.
use crate::params::{ContinuoParams, KeyChoice, ScaleChoice, StyleChoice};
use nice_plug::context::gui::ParamSetter;
use nice_plug::prelude::Param;
use take::{Amount, BUILT_IN_STYLES, TakeSpec};

impl ContinuoParams {
    /// Sets every dial that makes a spec to what `spec` was made with, each as one gesture; a style of the user's own
    /// becomes `User`. Prompt and seed are the studio's: `studio::Command::Reuse`.
    pub fn reuse(&self, setter: &ParamSetter<'_>, spec: &TakeSpec) {
        let style = BUILT_IN_STYLES.iter().position(|(id, _)| *id == spec.style.as_str());
        set(setter, &self.style, StyleChoice(style.unwrap_or(BUILT_IN_STYLES.len())));
        set(setter, &self.key, KeyChoice(spec.key));
        set(setter, &self.scale, ScaleChoice(spec.scale));
        set(setter, &self.bars, i32::from(spec.bars.get()));
        set(setter, &self.energy, percent(spec.energy));
        set(setter, &self.complexity, percent(spec.complexity));
        set(setter, &self.swing, spec.swing.map_or(crate::params::SWING_OF_STYLE, percent));
        set(setter, &self.humanise, percent(spec.humanise));
    }
}

fn percent(amount: Amount) -> i32 {
    (amount.get() * 100.0).round() as i32
}

fn set<P: Param>(setter: &ParamSetter<'_>, param: &P, value: P::Plain) {
    setter.begin_set_parameter(param);
    setter.set_parameter(param, value);
    setter.end_set_parameter(param);
}
