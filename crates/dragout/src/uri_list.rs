//! `text/uri-list` (RFC 2483) of `file` URIs (RFC 8089): how X11 programs hand files to each other.
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};
use std::path::{Path, PathBuf};

/// Everything but the unreserved characters of RFC 3986 and the slash is encoded.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// One line a file, each ended by CRLF.
pub fn encode<'a>(paths: impl IntoIterator<Item = &'a Path>) -> String {
    paths.into_iter().map(|path| format!("{}\r\n", file_uri(path))).collect()
}

/// `file://` with an empty host, then the absolute path.
pub fn file_uri(path: &Path) -> String {
    format!("file://{}", percent_encode(path.as_os_str().as_encoded_bytes(), ENCODED))
}

/// The local paths of a list. Comments, other schemes and anything that is no absolute path are left out; lines may end
/// in LF alone, and a final NUL is ignored, as some programs write them so.
pub fn parse(list: &str) -> Vec<PathBuf> {
    list.split(['\n', '\r', '\0']).filter_map(|line| local_path(line.trim())).collect()
}

fn local_path(uri: &str) -> Option<PathBuf> {
    let rest = uri.get(..5).filter(|scheme| scheme.eq_ignore_ascii_case("file:")).map(|_| &uri[5..])?;
    // file:///a, file://host/a (whoever drags within one display shares the disk), file:/a
    let path = match rest.strip_prefix("//") {
        Some(with_host) => &with_host[with_host.find('/')?..],
        None => rest,
    };
    let bytes: Vec<u8> = percent_decode_str(path).collect();
    (bytes.first() == Some(&b'/') && !bytes.contains(&0)).then(|| path_of(bytes))?
}

#[cfg(unix)]
fn path_of(bytes: Vec<u8>) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStringExt;
    Some(std::ffi::OsString::from_vec(bytes).into())
}

#[cfg(not(unix))]
fn path_of(bytes: Vec<u8>) -> Option<PathBuf> {
    String::from_utf8(bytes).ok().map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_characters_are_percent_encoded_and_lines_end_in_crlf() {
        let paths = [Path::new("/tmp/a b#%?.mid"), Path::new("/home/jürgen/x_t3.wav")];
        assert_eq!(encode(paths), "file:///tmp/a%20b%23%25%3F.mid\r\nfile:///home/j%C3%BCrgen/x_t3.wav\r\n");
    }

    #[test]
    fn other_programs_lists_are_read() {
        let list = "# a comment\r\nfile:///a/b%20c.wav\r\nhttp://example.org/x.wav\r\nfile://host/d.mid\nFILE:/e\r\n\0";
        assert_eq!(parse(list), ["/a/b c.wav", "/d.mid", "/e"].map(PathBuf::from));
    }

    #[test]
    fn what_is_no_local_file_is_left_out() {
        for line in ["", "file:", "file://", "file://host", "file:relative", "file:///a%00b", "/plain", "fïle:///a"] {
            assert_eq!(parse(line), Vec::<PathBuf>::new(), "{line}");
        }
    }

    #[cfg(unix)]
    mod any_path {
        use super::*;
        use proptest::prelude::*;
        use std::os::unix::ffi::OsStrExt;

        proptest! {
            #[test]
            fn comes_back_as_it_went(names in prop::collection::vec(prop::collection::vec(1..=255_u8, 1..40), 1..6)) {
                let paths: Vec<PathBuf> = names
                    .iter()
                    .map(|name| PathBuf::from(std::ffi::OsStr::from_bytes(&[b"/", name.as_slice()].concat())))
                    .collect();
                let list = encode(paths.iter().map(PathBuf::as_path));
                prop_assert!(list.is_ascii());
                prop_assert_eq!(list.matches("\r\n").count(), paths.len());
                let bytes = |paths: &[PathBuf]| paths.iter().map(|p| p.as_os_str().as_bytes().to_vec()).collect::<Vec<_>>();
                prop_assert_eq!(bytes(&parse(&list)), bytes(&paths));
            }

            #[test]
            fn and_any_text_is_survived(text in ".{0,200}") {
                for path in parse(&text) {
                    prop_assert!(path.is_absolute());
                }
            }
        }
    }
}
