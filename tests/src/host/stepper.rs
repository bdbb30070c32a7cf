//! One block at a time, for a caller that keeps the time itself. Records nothing.
use super::plugin::{Call, value_event};
use super::{Playhead, Plugin, Port, Song};
use anyhow::Result;
use clack_host::prelude::EventBuffer;
use std::time::{Duration, Instant};

/// The buffers of a sound card.
pub struct Stepper {
    inputs: Vec<Vec<Vec<f32>>>,
    outputs: Vec<Vec<Vec<f32>>>,
}

impl Stepper {
    /// Silence on every bus of `plugin`, for blocks of up to its maximum.
    ///
    /// # Errors
    /// When the plugin has no audio ports.
    pub fn new(plugin: &mut Plugin) -> Result<Self> {
        let (layout, max) = (plugin.layout()?, plugin.max_frames);
        let silence =
            |ports: &[Port]| ports.iter().map(|port| vec![vec![0.0; max]; port.num_channels]).collect::<Vec<_>>();
        Ok(Self { inputs: silence(&layout.inputs), outputs: silence(&layout.outputs) })
    }

    /// Plays the block that begins where the playhead is, with parameters moved at its first frame. Returns the time
    /// that the plugin took.
    ///
    /// # Errors
    /// When a parameter does not exist or the plugin fails.
    pub fn block(
        &mut self,
        plugin: &mut Plugin,
        song: &Song,
        head: &mut Playhead,
        num_frames: usize,
        moves: &[(String, f64)],
    ) -> Result<Duration> {
        let (mut events_in, mut events_out) = (EventBuffer::new(), EventBuffer::new());
        for (name, value) in moves {
            events_in.push(&value_event(plugin.param(name)?.id, 0, *value));
        }
        let call = Call {
            num_frames,
            inputs: &mut self.inputs,
            outputs: &mut self.outputs,
            events_in: &events_in,
            events_out: &mut events_out,
            transport: head.event(song),
        };
        let started = Instant::now();
        plugin.process(call)?;
        let took = started.elapsed();
        head.advance(song, num_frames);
        plugin.idle();
        Ok(took)
    }
}
