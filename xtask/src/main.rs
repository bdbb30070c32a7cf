//! Project commands: `cargo xtask <command>`. See [`USAGE`].
mod bench;
mod bundle;
mod cross;
mod hosts;
mod install;
mod packages;
mod play;
mod process;
mod python;
mod screenshots;
mod suite;
mod tidy;
mod workspace;

use anyhow::{Result, bail};

const USAGE: &str = "Continuo's commands

  cargo xtask play [--headless] [--out DIR]   build, then play: standalone with window and sound where there are
                                              both, else a headless session written to DIR (default: out)
  cargo xtask install                         put the CLAP and the VST3 into your plugin folders
  cargo xtask bundle [--profile NAME]         build target/bundled/Continuo.clap and Continuo.vst3
  cargo xtask test [GROUP...]                 everything that has to be green; groups: format tidy lint docs unit
                                              peers window drag hosts cross rtcheck
  cargo xtask hosts [HOST...]                 the release bundles in DawDreamer, pedalboard, Ardour and Qtractor
  cargo xtask cross                           type-check and lint everything for Windows and both Macs
  cargo xtask cross --wine [--chroot]         the Windows bundles under Wine: sound beside Linux's, state, window, drag;
                                              --chroot: with Wine 10 in a Debian 13 of its own, which draws the window
  cargo xtask bench                           speed and memory beside their targets
  cargo xtask bench --music [--strict]        the band's musical report; --strict fails where a target is missed
  cargo xtask bench --window                  what an open window costs: first frame, processor, lag, memory
  cargo xtask bench --models DIR [SECONDS]    what the audio thread misses while the models in DIR run
  cargo xtask screenshots [STATE...]          pictures of the real window in every state, at 100 % and 200 %
  cargo xtask tidy                            who imports what, audio-thread rules, file lengths
  cargo xtask setup [build|hosts|bench]       install the system packages that are missing";

fn main() -> std::process::ExitCode {
    match run() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let Some((command, rest)) = args.split_first() else { bail!("no command given\n\n{USAGE}") };
    std::env::set_current_dir(workspace::root())?;
    match command.as_str() {
        "play" => play::run(rest),
        "install" => install::run(),
        "bundle" => bundle::run(rest),
        "test" => suite::run(rest),
        "hosts" => hosts::run(rest),
        "cross" => cross::run(rest),
        "bench" => bench::run(rest),
        "tidy" => tidy::run(),
        "screenshots" => screenshots::run(rest),
        "setup" => packages::run(rest),
        "help" | "--help" | "-h" => {
            println!("{USAGE}");
            Ok(())
        }
        unknown => bail!("there is no command `{unknown}`\n\n{USAGE}"),
    }
}
