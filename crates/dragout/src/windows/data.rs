//! The files as an `IDataObject`, and the files in somebody else's.
use crate::{DragFiles, hdrop};
use std::ffi::OsString;
use std::os::windows::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;
use windows::Win32::Foundation::{DV_E_FORMATETC, E_NOTIMPL, GlobalFree, HGLOBAL, OLE_E_ADVISENOTSUPPORTED, S_OK};
use windows::Win32::System::Com::{
    DATADIR_GET, DVASPECT_CONTENT, FORMATETC, IAdviseSink, IDataObject, IDataObject_Impl, IEnumFORMATETC,
    IEnumSTATDATA, STGMEDIUM, STGMEDIUM_0, TYMED_HGLOBAL,
};
use windows::Win32::System::Memory::{GMEM_MOVEABLE, GlobalAlloc, GlobalLock, GlobalUnlock};
use windows::Win32::System::Ole::{CF_HDROP, ReleaseStgMedium};
use windows::Win32::UI::Shell::{DragQueryFileW, HDROP, SHCreateStdEnumFmtEtc};
use windows_core::{BOOL, HRESULT, Ref, Result, implement};

/// `CF_HDROP` in global memory: the one format that is offered and taken.
pub fn format() -> FORMATETC {
    FORMATETC {
        cfFormat: CF_HDROP.0,
        ptd: std::ptr::null_mut(),
        dwAspect: DVASPECT_CONTENT.0,
        lindex: -1,
        tymed: TYMED_HGLOBAL.0 as u32,
    }
}

/// The files' block.
pub fn block(files: &DragFiles) -> Vec<u8> {
    let paths: Vec<Vec<u16>> = files.paths().iter().map(|path| path.as_os_str().encode_wide().collect()).collect();
    hdrop::encode(paths.iter().map(Vec::as_slice))
}

/// A copy of `bytes` in global memory, which belongs to whoever is given it.
pub fn global(bytes: &[u8]) -> Result<HGLOBAL> {
    // SAFETY: allocates and takes no pointer.
    let memory = unsafe { GlobalAlloc(GMEM_MOVEABLE, bytes.len()) }?;
    // SAFETY: `memory` was allocated just above and is ours.
    let place = unsafe { GlobalLock(memory) };
    if place.is_null() {
        let error = windows_core::Error::from_thread();
        // SAFETY: `memory` is ours, unlocked, and nobody else knows it.
        let _ = unsafe { GlobalFree(Some(memory)) };
        return Err(error);
    }
    // SAFETY: `place` is writable for `bytes.len()` bytes until it is unlocked, and is new, so nothing overlaps.
    unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), place.cast(), bytes.len()) };
    // SAFETY: undoes the lock above. Its "error" is that no lock is left.
    let _ = unsafe { GlobalUnlock(memory) };
    Ok(memory)
}

/// The files of a data object; none when it holds none.
pub fn files_in(object: &IDataObject) -> Vec<PathBuf> {
    // SAFETY: the format outlives the call and the object is a live COM reference.
    let Ok(mut medium) = (unsafe { object.GetData(&format()) }) else { return Vec::new() };
    // SAFETY: a success for TYMED_HGLOBAL fills in `hGlobal`, which CF_HDROP's functions take as their handle.
    let handle = HDROP(unsafe { medium.u.hGlobal }.0);
    // SAFETY: `handle` lives until the medium is released below; without a buffer only the number is asked for.
    let num_files = unsafe { DragQueryFileW(handle, u32::MAX, None) };
    let files = (0..num_files).map(|file| {
        // SAFETY: as above; without a buffer the length without its zero is given.
        let num_units = unsafe { DragQueryFileW(handle, file, None) } as usize;
        let mut units = vec![0_u16; num_units + 1];
        // SAFETY: as above; the buffer has room for the zero too.
        let written = unsafe { DragQueryFileW(handle, file, Some(&mut units)) } as usize;
        units.truncate(written);
        PathBuf::from(OsString::from_wide(&units))
    });
    let files = files.collect();
    // SAFETY: the medium is ours since GetData, and is not used again.
    unsafe { ReleaseStgMedium(&mut medium) };
    files
}

/// What is dragged.
#[implement(IDataObject)]
pub struct FilesObject {
    pub block: Vec<u8>,
}

impl IDataObject_Impl for FilesObject_Impl {
    fn GetData(&self, wanted: *const FORMATETC) -> Result<STGMEDIUM> {
        self.QueryGetData(wanted).ok()?;
        let memory = global(&self.block)?;
        Ok(STGMEDIUM {
            tymed: TYMED_HGLOBAL.0 as u32,
            u: STGMEDIUM_0 { hGlobal: memory },
            pUnkForRelease: std::mem::ManuallyDrop::new(None),
        })
    }

    fn GetDataHere(&self, _: *const FORMATETC, _: *mut STGMEDIUM) -> Result<()> {
        Err(E_NOTIMPL.into())
    }

    fn QueryGetData(&self, wanted: *const FORMATETC) -> HRESULT {
        // SAFETY: COM's contract for this method is that the pointer is null or names a FORMATETC for its duration.
        let Some(wanted) = (unsafe { wanted.as_ref() }) else { return DV_E_FORMATETC };
        let ours = format();
        let fits =
            wanted.cfFormat == ours.cfFormat && wanted.dwAspect == ours.dwAspect && wanted.tymed & ours.tymed != 0;
        if fits { S_OK } else { DV_E_FORMATETC }
    }

    fn GetCanonicalFormatEtc(&self, _: *const FORMATETC, _: *mut FORMATETC) -> HRESULT {
        E_NOTIMPL
    }

    fn SetData(&self, _: *const FORMATETC, _: *const STGMEDIUM, _: BOOL) -> Result<()> {
        Err(E_NOTIMPL.into())
    }

    fn EnumFormatEtc(&self, direction: u32) -> Result<IEnumFORMATETC> {
        if direction != DATADIR_GET.0 as u32 {
            return Err(E_NOTIMPL.into());
        }
        // SAFETY: the list is copied before the call returns.
        unsafe { SHCreateStdEnumFmtEtc(&[format()]) }
    }

    fn DAdvise(&self, _: *const FORMATETC, _: u32, _: Ref<IAdviseSink>) -> Result<u32> {
        Err(OLE_E_ADVISENOTSUPPORTED.into())
    }

    fn DUnadvise(&self, _: u32) -> Result<()> {
        Err(OLE_E_ADVISENOTSUPPORTED.into())
    }

    fn EnumDAdvise(&self) -> Result<IEnumSTATDATA> {
        Err(OLE_E_ADVISENOTSUPPORTED.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use windows::Win32::System::Ole::{
        CF_UNICODETEXT, OleGetClipboard, OleInitialize, OleSetClipboard, OleUninitialize,
    };

    fn object(folder: &std::path::Path, names: &[&str]) -> (IDataObject, Vec<PathBuf>) {
        let paths: Vec<PathBuf> = names.iter().map(|name| folder.join(name)).collect();
        paths.iter().for_each(|path| std::fs::write(path, "MThd").expect("a file"));
        let files = DragFiles::new(paths.clone()).expect("finished files");
        (FilesObject { block: block(&files) }.into(), paths)
    }

    #[test]
    fn a_receiver_finds_one_format_and_the_same_files() {
        let folder = tempfile::tempdir().expect("a folder");
        let (object, paths) = object(folder.path(), &["a_bass_124_Am_t3.mid", "b_drums_124_Am_t3.wav"]);
        let mut formats = [FORMATETC::default(); 4];
        let mut num_formats = 0;
        // SAFETY: a live object; the list and the number outlive the calls.
        unsafe {
            let list = object.EnumFormatEtc(DATADIR_GET.0 as u32).expect("a list");
            // "False" as there are fewer formats than asked for.
            let _ = list.Next(&mut formats, Some(&mut num_formats));
        }
        assert_eq!((num_formats, formats[0].cfFormat), (1, CF_HDROP.0));
        assert_eq!(files_in(&object), paths);
    }

    #[test]
    fn what_is_no_list_of_files_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let (object, _) = object(folder.path(), &["a.mid"]);
        let text = FORMATETC { cfFormat: CF_UNICODETEXT.0, ..format() };
        // SAFETY: a live object, and formats that outlive the calls.
        unsafe {
            assert_eq!(object.QueryGetData(&format()), S_OK);
            assert_eq!(object.QueryGetData(&text), DV_E_FORMATETC);
            assert!(object.GetData(&text).is_err());
        }
    }

    #[test]
    fn the_files_go_through_the_clipboard_of_ole() {
        let folder = tempfile::tempdir().expect("a folder");
        let (object, paths) = object(folder.path(), &["a_bass_124_Am_t3.mid"]);
        // SAFETY: all on this thread, between beginning and end of OLE on it; the objects are live.
        unsafe {
            OleInitialize(None).expect("OLE");
            OleSetClipboard(&object).expect("the clipboard takes the object");
            let there = OleGetClipboard().expect("the clipboard gives an object");
            assert_eq!(files_in(&there), paths);
            drop(there);
            OleSetClipboard(None).expect("the clipboard is emptied");
            drop(object);
            OleUninitialize();
        }
    }
}
