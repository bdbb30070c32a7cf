//! Wine 10 in a Debian 13 of its own under the target folder: the Wine of Debian 12 leaves our window black.
//!
//! Nothing outside the folder changes. It needs root, as a change of the root folder does.
use super::{home, source};
use crate::packages::{Purpose, ensure as packages};
use crate::process::{self, Skipped};
use crate::workspace;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

const PACKAGES: &str = "--include=wine64,libgl1,libglx-mesa0,libgl1-mesa-dri,libxcomposite1";
/// 200 MB to fetch and to unpack.
const LIMIT: Duration = Duration::from_secs(1800);

/// Runs the chroot's Wine with the words it is given. The folders of this machine that it needs are mounted in a space of
/// their own, which goes away with the program. `PLACES` and `ROOT` are filled in.
const SCRIPT: &str = r#"#!/bin/sh
exec unshare --mount --propagation private -- /bin/sh -c '
root=$1 inside=$2
shift 2
for place in /proc /dev; do
    mount --rbind "$place" "$root$place" || exit 125
done
for place in /tmp/.X11-unix PLACES; do
    mkdir -p "$place" "$root$place" && mount --bind "$place" "$root$place" || exit 125
done
exec chroot "$root" /bin/sh -c "cd \"\$0\" && exec /usr/lib/wine/wine64 \"\$@\"" "$inside" "$@"
' wine "ROOT" "$PWD" "$@"
"#;

/// A program that is Wine 10.
///
/// # Errors
/// [`Skipped`] when it cannot be made here: no root, no network, no Debian.
pub fn ensure() -> Result<PathBuf> {
    if process::output(Command::new("id").arg("-u"))?.trim() != "0" {
        bail!(Skipped("a Debian of its own for the newer Wine needs root".to_owned()));
    }
    let root = home().join("debian-13");
    let program = home().join("wine-newer");
    let stamp = root.join("made.txt");
    if !stamp.exists() {
        packages(Purpose::Chroot).map_err(|error| Skipped(format!("{error:#}")))?;
        println!("making {}", root.display());
        if root.exists() {
            fs::remove_dir_all(&root).with_context(|| format!("cannot remove {}", root.display()))?;
        }
        let mut make = Command::new("debootstrap");
        make.args(["--variant=minbase", PACKAGES, "trixie"]).arg(&root).arg(source::mirror());
        let made = process::check_within(make.stdout(std::process::Stdio::null()), LIMIT);
        made.map_err(|error| Skipped(format!("Debian 13 cannot be fetched ({error})")))?;
        fs::write(stamp, "trixie")?;
    }
    // The target folder need not lie in the repository.
    let places = format!("\"{}\" \"{}\"", workspace::root().display(), home().display());
    fs::write(&program, SCRIPT.replace("PLACES", &places).replace("ROOT", &root.display().to_string()))?;
    process::check(Command::new("chmod").arg("+x").arg(&program))?;
    Ok(program)
}
