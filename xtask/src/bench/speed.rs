//! Speed and memory, each beside its target and as a share of it.
use super::report_path;
use crate::packages::{Purpose, ensure};
use crate::{bundle, process, workspace};
use anyhow::{Context, Result};
use serde_json::Value;
use std::path::Path;
use std::process::Command;

struct Row {
    what: String,
    measured: f64,
    target: f64,
    unit: &'static str,
}

/// Builds, measures, prints, and writes `target/bench/bench.md`.
///
/// # Errors
/// A build or a measurement that fails to run.
pub fn run() -> Result<()> {
    ensure(Purpose::Build)?;
    let clap = bundle::build_with_programs("release", &["headless-host"])?.clap();
    let (instance, styles) = (host("instance", &clap)?, host("styles", &clap)?);
    let compose = process::output(&mut example("composer", "bench_compose"))?;
    let engine = process::output(&mut example("engine", "bench_engine"))?;
    let mut rows = style_rows(&styles, &notes_ms(&compose))?;
    let timed = [
        ("composer", "bench_composition"),
        ("jobs", "bench_band"),
        ("listen", "bench_listen"),
        ("separate", "bench_separate"),
    ];
    for (package, name) in timed {
        rows.extend(timed_rows(&process::output(&mut example(package, name))?)?);
    }
    rows.extend(instance_rows(&instance)?);
    let audio = audio_cases(&engine);
    anyhow::ensure!(!audio.is_empty(), "bench_engine printed no cases:\n{engine}");
    let text = page(&rows, &audio);
    print!("\n{text}");
    std::fs::write(report_path("bench.md")?, text)?;
    println!("\nalso in {}", report_path("bench.md")?.display());
    Ok(())
}

fn example(package: &str, name: &str) -> Command {
    process::cargo(&["run", "--quiet", "--release", "-p", package, "--example", name])
}

/// What `headless-host` says about the built bundle (`instance`) or the band (`styles`).
fn host(what: &str, clap: &Path) -> Result<Value> {
    let mut host = Command::new(workspace::program("release", "headless-host"));
    host.arg("measure").arg(what).arg(clap);
    host.env("CONTINUO_DATA_DIR", workspace::fresh_dir("bench/data")?);
    host.env("CONTINUO_CONFIG_DIR", workspace::target_dir().join("bench/config"));
    let told = process::output(&mut host)?;
    serde_json::from_str(&told).with_context(|| format!("headless-host measured `{told}`"))
}

/// Style and its median of many seeds, in milliseconds, out of lines `id best 0.1 ms median 0.2 ms worst 0.3 ms`.
fn notes_ms(printed: &str) -> Vec<(&str, f64)> {
    let median = |line: &str| -> Option<f64> { line.split("median").nth(1)?.split_whitespace().next()?.parse().ok() };
    let styles = printed.lines().filter(|line| line.contains("best"));
    styles.filter_map(|line| Some((line.split_whitespace().next()?, median(line)?))).collect()
}

fn style_rows(styles: &Value, notes: &[(&str, f64)]) -> Result<Vec<Row>> {
    let styles = styles.as_array().context("headless-host listed no styles")?;
    let mut rows = Vec::new();
    for style in styles {
        let name = style["style"].as_str().context("a style without a name")?;
        let measured = style["cpu_ms"].as_f64().context("a style without a time")?;
        rows.push(Row { what: format!("8 bars, all stems: {name}"), measured, target: 100.0, unit: "ms" });
    }
    let slowest = notes.iter().max_by(|a, b| a.1.total_cmp(&b.1)).context("bench_compose printed no style")?;
    let what = format!("8 bars, notes only: {}, the slowest", slowest.0);
    rows.insert(0, Row { what, measured: slowest.1, target: 1.0, unit: "ms" });
    Ok(rows)
}

/// Lines `name median 0.1 ms ... target 2 ms`, or `best` in place of `median`; a target that is no number is none.
fn timed_rows(printed: &str) -> Result<Vec<Row>> {
    let number_after =
        |line: &str, word: &str| -> Option<f64> { line.split(word).nth(1)?.split_whitespace().next()?.parse().ok() };
    let row = |line: &str| {
        let kind = [" median ", " best "].into_iter().find(|kind| line.contains(kind))?;
        let what = line.split(kind).next()?.trim().to_owned();
        Some(Row { what, measured: number_after(line, kind)?, target: number_after(line, "target ")?, unit: "ms" })
    };
    let rows: Vec<Row> = printed.lines().filter_map(row).collect();
    anyhow::ensure!(!rows.is_empty(), "a bench printed no times:\n{printed}");
    Ok(rows)
}

fn instance_rows(told: &Value) -> Result<Vec<Row>> {
    let number = |key: &str| told[key].as_f64().with_context(|| format!("headless-host measured no {key}"));
    let mib = |kib: f64| kib / 1024.0;
    let row = |what: &str, measured, target, unit| Row { what: what.to_owned(), measured, target, unit };
    Ok(vec![
        row("idle instance, the first and the library with it", mib(number("first_kib")?), 60.0, "MiB"),
        row("idle instance, each further one", mib(number("further_kib")?), 60.0, "MiB"),
        row("construct the first, from opening the file", number("first_construct_ms")?, 20.0, "ms"),
        row("construct a further one, median", number("construct_ms")?, 20.0, "ms"),
    ])
}

struct AudioCase<'a> {
    name: &'a str,
    /// Mean share of real time, its target, then median, 99.99th percentile and worst block against its own length; %.
    percent: [f64; 5],
}

/// Lines of bench_engine: a name of 44 columns, then five numbers with `%` after each.
fn audio_cases(printed: &str) -> Vec<AudioCase<'_>> {
    let case = |line| -> Option<AudioCase<'_>> {
        let (name, rest) = str::split_at_checked(line, 44)?;
        let numbers: Vec<f64> = rest.split('%').filter_map(|number| number.trim().parse().ok()).collect();
        Some(AudioCase { name: name.trim(), percent: numbers.try_into().ok()? })
    };
    printed.lines().filter_map(case).collect()
}

fn met(measured: f64, target: f64) -> &'static str {
    if measured <= target { "yes" } else { "NO" }
}

fn page(rows: &[Row], audio: &[AudioCase<'_>]) -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let mut lines = vec![
        format!("# Speed and memory on this machine: {}, {cores} cores", processor()),
        String::new(),
        format!("| {:<52} | {:>10} | {:>8} | share of target | met |", "what", "measured", "target"),
        format!("|{:-<54}|{:->12}|{:->10}|{:->17}|{:->5}|", "", ":", ":", ":", ""),
    ];
    for Row { what, measured, target, unit } in rows {
        let (shown, wanted) = (format!("{measured:.2} {unit}"), format!("{target} {unit}"));
        let (share, is_met) = (100.0 * measured / target, met(*measured, *target));
        lines.push(format!("| {what:<52} | {shown:>10} | {wanted:>8} | {share:>13.0} % | {is_met:<3} |"));
    }
    lines.extend([
        String::new(),
        "Times of the band are processor time of one thread, each style's slowest of three seeds, best of three runs.".into(),
        "Audio thread: 8 decks of 5 stems at 48 kHz in blocks of 64 frames; thread time; blocks against their deadline of 1.33 ms.".into(),
        String::new(),
        format!("| {:<44} | of real time | target | met | median block | 99.99 % | worst |", "audio thread"),
        format!("|{:-<46}|{:->14}|{:->8}|{:->5}|{:->14}|{:->9}|{:->7}|", "", ":", ":", "", ":", ":", ":"),
    ]);
    for AudioCase { name, percent: [mean, target, median, rare, worst] } in audio {
        let is_met = met(*mean, *target);
        lines.push(format!(
            "| {name:<44} | {mean:>10.2} % | {target:>4.0} % | {is_met:<3} | {median:>10.1} % | {rare:>5.1} % | {worst:>3.0} % |"
        ));
    }
    lines.join("\n") + "\n"
}

/// The processor by the name the kernel gives it, else its architecture.
fn processor() -> String {
    let told = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = told.lines().find(|line| line.starts_with("model name")).and_then(|line| line.split(": ").nth(1));
    name.unwrap_or(std::env::consts::ARCH).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_examples_print() {
        let line = format!("{:<44} {:>7.2} % {:>6.0} % {:>9.1} % {:>9.1} % {:>9.1} %", "a", 0.53, 1.0, 0.4, 2.0, 3.5);
        let cases = audio_cases(&line);
        assert_eq!((cases[0].name, cases[0].percent), ("a", [0.53, 1.0, 0.4, 2.0, 3.5]));
        assert!(audio_cases("8 decks x 5 stems, 48 kHz, blocks of 64, 30 s each; shares of real time").is_empty());
        assert_eq!(
            notes_ms("rock  best 0.1 ms  median 0.2 ms  worst 0.3 ms\nslowest style, median: 0.2 ms"),
            [("rock", 0.2)]
        );
    }
}
