//! The shim between SQLite and the operating system: every file operation is asked for before it is done and told after it was
//! done, and the system's own VFS does it. The only unsafe code of the durability tests.
//!
//! ```text
//! ShimFile { base: sqlite3_file, path }  | the system's own file object
//! ^ what SQLite holds                    ^ what each method passes on to, right behind
//! ```
#![allow(unsafe_code, reason = "SQLite's VFS is a C interface")]

use std::{
    ffi::{CStr, CString, c_char, c_int, c_void},
    path::{Path, PathBuf},
    ptr, slice,
    sync::Once,
};

use rusqlite::ffi::{
    self, SQLITE_FCNTL_PRAGMA, SQLITE_OK, SQLITE_SHM_UNLOCK, sqlite3_file, sqlite3_filename, sqlite3_int64,
    sqlite3_io_methods, sqlite3_vfs,
};

use super::{Act, Answer, Disk};

/// What SQLite holds of an open file. The system's own object follows it in the same allocation.
#[repr(C)]
struct ShimFile {
    base: sqlite3_file,
    /// A leaked `PathBuf`, taken back by [`close`].
    path: *mut PathBuf,
}

/// Puts the shim before the system's own VFS, for all connections that this process opens from now on.
pub(super) fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: `sqlite3_vfs_find` gives a registered VFS, which lives as long as the process, or null, which is refused.
        let system = unsafe { ffi::sqlite3_vfs_find(ptr::null()).as_ref() }.expect("a default VFS");
        let shim = Box::leak(Box::new(sqlite3_vfs {
            szOsFile: c_int::try_from(size_of::<ShimFile>()).unwrap() + system.szOsFile,
            pNext: ptr::null_mut(),
            zName: CString::new("shim").unwrap().into_raw(),
            // What the system's VFS keeps for itself is kept here, since this module needs nothing of its own; so the
            // functions that are not replaced work on the copy as on the original.
            xOpen: Some(open),
            xDelete: Some(delete),
            ..*system
        }));
        SYSTEM.set(SystemVfs(ptr::from_ref(system).cast_mut())).ok().expect("it is installed once");
        // SAFETY: the structure was leaked, so it lives as long as the process, and its functions have SQLite's signatures.
        let code = unsafe { ffi::sqlite3_vfs_register(shim, 1) };
        assert_eq!(code, SQLITE_OK, "the shim is registered");
    });
}

/// The VFS that does the work.
struct SystemVfs(*mut sqlite3_vfs);

// SAFETY: SQLite itself uses a registered VFS from all threads.
unsafe impl Send for SystemVfs {}
// SAFETY: as above.
unsafe impl Sync for SystemVfs {}

static SYSTEM: std::sync::OnceLock<SystemVfs> = std::sync::OnceLock::new();

fn system() -> *mut sqlite3_vfs {
    SYSTEM.get().expect("the shim is installed").0
}

/// The file object of the system, behind ours.
///
/// # Safety
/// `file` is one that [`open`] was given.
unsafe fn inner(file: *mut sqlite3_file) -> *mut sqlite3_file {
    // SAFETY: SQLite allocated `szOsFile` bytes, so the system's object begins within the allocation; both are aligned to 8.
    unsafe { file.cast::<ShimFile>().add(1).cast() }
}

/// The methods of the system's file object.
///
/// # Safety
/// `file` is one that [`open`] has opened.
unsafe fn methods<'a>(file: *mut sqlite3_file) -> &'a sqlite3_io_methods {
    // SAFETY: the system's object is open, so its methods are set, and they are static.
    unsafe { &*(*inner(file)).pMethods }
}

/// The path of an open file.
///
/// # Safety
/// As for [`methods`].
unsafe fn path<'a>(file: *mut sqlite3_file) -> &'a Path {
    // SAFETY: `open` has set it, and `close` alone takes it back.
    unsafe { &*(*file.cast::<ShimFile>()).path }
}

fn path_of(name: *const c_char) -> PathBuf {
    if name.is_null() {
        return PathBuf::new(); // a file for temporary rows
    }
    // SAFETY: SQLite gives names that end in a zero byte.
    let name = unsafe { CStr::from_ptr(name) };
    PathBuf::from(name.to_str().expect("the tests choose plain names"))
}

unsafe extern "C" fn open(
    _vfs: *mut sqlite3_vfs,
    name: sqlite3_filename,
    file: *mut sqlite3_file,
    flags: c_int,
    flags_out: *mut c_int,
) -> c_int {
    // SAFETY: SQLite gives `szOsFile` bytes, room for ours and the system's; the arguments are passed on as they came. The
    // name stays valid until the file is closed, as the system's VFS needs it to.
    unsafe {
        let (shim, path) = (file.cast::<ShimFile>(), path_of(name));
        (*inner(file)).pMethods = ptr::null();
        let code =
            answer(&path, Act::Open, || (*system()).xOpen.unwrap()(system(), name, inner(file), flags, flags_out));
        // A file whose methods are set is closed by SQLite even if it was not opened well.
        let opened = !(*inner(file)).pMethods.is_null();
        (*shim).path = if opened { Box::into_raw(Box::new(path)) } else { ptr::null_mut() };
        (*shim).base.pMethods = if opened { &raw const METHODS } else { ptr::null() };
        code
    }
}

unsafe extern "C" fn delete(_vfs: *mut sqlite3_vfs, name: *const c_char, sync_directory: c_int) -> c_int {
    let path = path_of(name);
    answer(&path, Act::Delete, || {
        // SAFETY: the arguments are passed on as they came.
        unsafe { (*system()).xDelete.unwrap()(system(), name, sync_directory) }
    })
}

/// Asks, does, tells.
fn answer(path: &Path, act: Act<'_>, work: impl FnOnce() -> c_int) -> c_int {
    let disk = Disk::the();
    match disk.ask(path, act) {
        Answer::Go => {
            let code = work();
            if code == SQLITE_OK {
                disk.done(path, act);
            }
            code
        }
        Answer::Pretend => {
            disk.done(path, act);
            SQLITE_OK
        }
        Answer::Skip => SQLITE_OK,
        Answer::Fail(code) => code,
    }
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    // SAFETY: SQLite closes an open file once; the path is taken back once, and no method comes after.
    unsafe {
        drop(Box::from_raw((*file.cast::<ShimFile>()).path));
        methods(file).xClose.unwrap()(inner(file))
    }
}

unsafe extern "C" fn read(file: *mut sqlite3_file, into: *mut c_void, amount: c_int, at: sqlite3_int64) -> c_int {
    // SAFETY: the file is open; the arguments are passed on as they came.
    unsafe { answer(path(file), Act::Read, || methods(file).xRead.unwrap()(inner(file), into, amount, at)) }
}

unsafe extern "C" fn write(file: *mut sqlite3_file, from: *const c_void, amount: c_int, at: sqlite3_int64) -> c_int {
    // SAFETY: SQLite lends `amount` bytes; the file is open.
    unsafe {
        let bytes = slice::from_raw_parts(from.cast::<u8>(), usize::try_from(amount).unwrap());
        let act = Act::Write { at: u64::try_from(at).unwrap(), bytes };
        let system_write = methods(file).xWrite.unwrap();
        let code = answer(path(file), act, || system_write(inner(file), from, amount, at));
        if code != SQLITE_OK {
            let part = Disk::the().part_of(path(file), bytes.len());
            if part > 0 {
                system_write(inner(file), from, c_int::try_from(part).unwrap(), at);
                Disk::the().done(path(file), Act::Write { at: u64::try_from(at).unwrap(), bytes: &bytes[..part] });
            }
        }
        code
    }
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, size: sqlite3_int64) -> c_int {
    let act = Act::Truncate { length: u64::try_from(size).unwrap() };
    // SAFETY: the file is open; the arguments are passed on as they came.
    unsafe { answer(path(file), act, || methods(file).xTruncate.unwrap()(inner(file), size)) }
}

unsafe extern "C" fn sync(file: *mut sqlite3_file, flags: c_int) -> c_int {
    // SAFETY: the file is open; the arguments are passed on as they came.
    unsafe { answer(path(file), Act::Sync, || methods(file).xSync.unwrap()(inner(file), flags)) }
}

unsafe extern "C" fn file_size(file: *mut sqlite3_file, size: *mut sqlite3_int64) -> c_int {
    // SAFETY: the file is open; the arguments are passed on as they came.
    unsafe { answer(path(file), Act::Size, || methods(file).xFileSize.unwrap()(inner(file), size)) }
}

unsafe extern "C" fn lock(file: *mut sqlite3_file, level: c_int) -> c_int {
    // SAFETY: the file is open; the arguments are passed on as they came.
    unsafe { answer(path(file), Act::Lock, || methods(file).xLock.unwrap()(inner(file), level)) }
}

unsafe extern "C" fn unlock(file: *mut sqlite3_file, level: c_int) -> c_int {
    // SAFETY: the file is open; the arguments are passed on as they came.
    unsafe { methods(file).xUnlock.unwrap()(inner(file), level) }
}

unsafe extern "C" fn check_reserved_lock(file: *mut sqlite3_file, out: *mut c_int) -> c_int {
    // SAFETY: the file is open; the arguments are passed on as they came.
    unsafe { methods(file).xCheckReservedLock.unwrap()(inner(file), out) }
}

unsafe extern "C" fn file_control(file: *mut sqlite3_file, operation: c_int, argument: *mut c_void) -> c_int {
    // SAFETY: the file is open; the arguments are passed on as they came.
    unsafe {
        if operation == SQLITE_FCNTL_PRAGMA {
            weaken(argument.cast());
        }
        methods(file).xFileControl.unwrap()(inner(file), operation, argument)
    }
}

/// Changes `PRAGMA synchronous = …` to what a control wants, before SQLite looks at the value.
///
/// # Safety
/// `words` are those of `SQLITE_FCNTL_PRAGMA`: a place for a text, the name, the value or null, null.
unsafe fn weaken(words: *mut *mut c_char) {
    let Some(level) = Disk::the().synchronous() else { return };
    // SAFETY: the name and a value that is not null are texts that end in a zero byte. The value is SQLite's own copy, which
    // nobody else reads before this returns, and one byte is put into a text of at least one byte.
    unsafe {
        let (name, value) = (CStr::from_ptr(*words.add(1)), *words.add(2));
        if name.to_bytes().eq_ignore_ascii_case(b"synchronous") && !value.is_null() && *value != 0 {
            *value = c_char::try_from(level).unwrap();
            *value.add(1) = 0;
        }
    }
}

unsafe extern "C" fn sector_size(file: *mut sqlite3_file) -> c_int {
    // SAFETY: the file is open.
    unsafe { methods(file).xSectorSize.unwrap()(inner(file)) }
}

unsafe extern "C" fn device_characteristics(file: *mut sqlite3_file) -> c_int {
    // SAFETY: the file is open.
    unsafe { methods(file).xDeviceCharacteristics.unwrap()(inner(file)) }
}

unsafe extern "C" fn shm_map(
    file: *mut sqlite3_file,
    page: c_int,
    bytes: c_int,
    extend: c_int,
    out: *mut *mut c_void,
) -> c_int {
    // SAFETY: the file is open; the arguments are passed on as they came.
    unsafe {
        let system_map = methods(file).xShmMap.unwrap();
        answer(path(file), Act::Map, || system_map(inner(file), page, bytes, extend, out))
    }
}

unsafe extern "C" fn shm_lock(file: *mut sqlite3_file, offset: c_int, count: c_int, flags: c_int) -> c_int {
    // SAFETY: the file is open; the arguments are passed on as they came.
    unsafe {
        let system_lock = methods(file).xShmLock.unwrap();
        if flags & SQLITE_SHM_UNLOCK != 0 {
            return system_lock(inner(file), offset, count, flags); // what is given back is taken back
        }
        answer(path(file), Act::Lock, || system_lock(inner(file), offset, count, flags))
    }
}

unsafe extern "C" fn shm_barrier(file: *mut sqlite3_file) {
    // SAFETY: the file is open.
    unsafe { methods(file).xShmBarrier.unwrap()(inner(file)) }
}

unsafe extern "C" fn shm_unmap(file: *mut sqlite3_file, delete: c_int) -> c_int {
    // SAFETY: the file is open; the arguments are passed on as they came.
    unsafe { methods(file).xShmUnmap.unwrap()(inner(file), delete) }
}

/// Version 2: without the methods that map a file into memory, past which nothing could be written down.
static METHODS: sqlite3_io_methods = sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};
