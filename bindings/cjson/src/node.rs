//! The nodes: their memory, making and freeing them.

use std::ptr;
use std::sync::RwLock;

use libc::{c_char, c_double, c_int, c_void};

use crate::edge::{bytes, guard};

/// A JSON value; `child` is the first member of an array or object.
#[repr(C)]
#[derive(Debug)]
pub struct cJSON {
    /// The next member.
    pub next: *mut cJSON,
    /// The member before; of the first one, the last.
    pub prev: *mut cJSON,
    /// The first member.
    pub child: *mut cJSON,
    /// The kind, and the two flags below.
    pub r#type: c_int,
    /// The text of a string or raw value.
    pub valuestring: *mut c_char,
    /// The number, saturated to an `int`.
    pub valueint: c_int,
    /// The number.
    pub valuedouble: c_double,
    /// The name, in an object.
    pub string: *mut c_char,
}

pub(crate) const FALSE: c_int = 1;
pub(crate) const TRUE: c_int = 2;
pub(crate) const NULL: c_int = 4;
pub(crate) const NUMBER: c_int = 8;
pub(crate) const STRING: c_int = 16;
pub(crate) const ARRAY: c_int = 32;
pub(crate) const OBJECT: c_int = 64;
pub(crate) const RAW: c_int = 128;
/// What it points to belongs to another node.
pub(crate) const IS_REFERENCE: c_int = 256;
/// Its name is not its own.
pub(crate) const NAME_IS_CONST: c_int = 512;
const KIND: c_int = 255;
/// How deep values may be nested.
pub(crate) const NESTING_LIMIT: usize = 1000;

/// Where memory comes from.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct cJSON_Hooks {
    /// As `malloc`.
    pub malloc_fn: Option<unsafe extern "C" fn(size: usize) -> *mut c_void>,
    /// As `free`.
    pub free_fn: Option<unsafe extern "C" fn(pointer: *mut c_void)>,
}

static HOOKS: RwLock<cJSON_Hooks> = RwLock::new(cJSON_Hooks { malloc_fn: None, free_fn: None });

fn hooks() -> cJSON_Hooks {
    *HOOKS.read().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Chooses where memory comes from; NULL: from `malloc`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_InitHooks(hooks: *mut cJSON_Hooks) {
    guard((), || {
        // SAFETY: C's promise: NULL or a readable struct.
        let chosen = unsafe { hooks.as_ref() }.copied();
        let none = cJSON_Hooks { malloc_fn: None, free_fn: None };
        *HOOKS.write().unwrap_or_else(std::sync::PoisonError::into_inner) = chosen.unwrap_or(none);
    });
}

/// Memory as the hooks give it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_malloc(size: usize) -> *mut c_void {
    // SAFETY: `malloc`, or the program's own.
    guard(ptr::null_mut(), || unsafe {
        hooks().malloc_fn.map_or_else(|| libc::malloc(size), |own| own(size))
    })
}

/// Gives memory back as the hooks do.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_free(object: *mut c_void) {
    // SAFETY: C's promise: what `cJSON_malloc` gave.
    guard((), || unsafe { hooks().free_fn.map_or_else(|| libc::free(object), |own| own(object)) });
}

/// A text in memory of the hooks; NULL without memory.
pub(crate) fn text(from: &[u8]) -> *mut c_char {
    // SAFETY: the room is one byte larger than what is copied, and is checked for NULL.
    unsafe {
        let room = cJSON_malloc(from.len() + 1).cast::<u8>();
        if !room.is_null() {
            room.copy_from_nonoverlapping(from.as_ptr(), from.len());
            *room.add(from.len()) = 0;
        }
        room.cast()
    }
}

/// A node of that kind; NULL without memory.
pub(crate) fn new(kind: c_int) -> *mut cJSON {
    // SAFETY: zeroed memory is a valid node.
    unsafe {
        let node = cJSON_malloc(size_of::<cJSON>()).cast::<cJSON>();
        if !node.is_null() {
            ptr::write_bytes(node, 0, 1);
            (*node).r#type = kind;
        }
        node
    }
}

/// The kind without flags; 0 for NULL.
///
/// # Safety
/// NULL or a living node.
pub(crate) unsafe fn kind(node: *const cJSON) -> c_int {
    // SAFETY: the caller's promise.
    unsafe { node.as_ref() }.map_or(0, |node| node.r#type & KIND)
}

/// # Safety
/// A living node.
pub(crate) unsafe fn set_number(node: *mut cJSON, number: c_double) {
    // SAFETY: the caller's promise.
    unsafe {
        (*node).valuedouble = number;
        // Saturates, and NaN is 0.
        #[allow(clippy::cast_possible_truncation, reason = "an `int` tells what it can")]
        let int = number as c_int;
        (*node).valueint = int;
    }
}

fn of_text(kind: c_int, from: Option<&[u8]>) -> *mut cJSON {
    let Some(from) = from else { return ptr::null_mut() };
    let node = new(kind);
    if !node.is_null() {
        // SAFETY: made just now.
        unsafe { (*node).valuestring = text(from) };
    }
    node
}

macro_rules! make {
    ($($(#[$doc:meta])* $name:ident = $kind:expr;)*) => {
        $($(#[$doc])* #[unsafe(no_mangle)] pub extern "C" fn $name() -> *mut cJSON {
            guard(ptr::null_mut(), || new($kind))
        })*
    };
}

make! {
    /// `null`
    cJSON_CreateNull = NULL;
    /// `true`
    cJSON_CreateTrue = TRUE;
    /// `false`
    cJSON_CreateFalse = FALSE;
    /// `[]`
    cJSON_CreateArray = ARRAY;
    /// `{}`
    cJSON_CreateObject = OBJECT;
}

/// `true` or `false`
#[unsafe(no_mangle)]
pub extern "C" fn cJSON_CreateBool(boolean: c_int) -> *mut cJSON {
    guard(ptr::null_mut(), || new(if boolean == 0 { FALSE } else { TRUE }))
}

/// A number.
#[unsafe(no_mangle)]
pub extern "C" fn cJSON_CreateNumber(number: c_double) -> *mut cJSON {
    guard(ptr::null_mut(), || {
        let node = new(NUMBER);
        if !node.is_null() {
            // SAFETY: made just now.
            unsafe { set_number(node, number) };
        }
        node
    })
}

/// A string, copied.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_CreateString(string: *const c_char) -> *mut cJSON {
    // SAFETY: C's promise: a C string or NULL.
    guard(ptr::null_mut(), || of_text(STRING, unsafe { bytes(string) }))
}

/// JSON text, copied and printed as it is.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_CreateRaw(raw: *const c_char) -> *mut cJSON {
    // SAFETY: C's promise: a C string or NULL.
    guard(ptr::null_mut(), || of_text(RAW, unsafe { bytes(raw) }))
}

/// A string that stays the program's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_CreateStringReference(string: *const c_char) -> *mut cJSON {
    guard(ptr::null_mut(), || {
        let node = new(STRING | IS_REFERENCE);
        if !node.is_null() {
            // SAFETY: made just now.
            unsafe { (*node).valuestring = string.cast_mut() };
        }
        node
    })
}

fn reference(kind: c_int, child: *const cJSON) -> *mut cJSON {
    guard(ptr::null_mut(), || {
        let node = new(kind | IS_REFERENCE);
        if !node.is_null() {
            // SAFETY: made just now.
            unsafe { (*node).child = child.cast_mut() };
        }
        node
    })
}

/// An object whose members stay another's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_CreateObjectReference(child: *const cJSON) -> *mut cJSON {
    reference(OBJECT, child)
}

/// An array whose members stay another's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_CreateArrayReference(child: *const cJSON) -> *mut cJSON {
    reference(ARRAY, child)
}

/// Frees a value, the later ones of its list, and all their members.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_Delete(item: *mut cJSON) {
    // SAFETY: C's promise: NULL or a value that is not used any more.
    guard((), || unsafe { delete(item) });
}

pub(crate) unsafe fn delete(mut item: *mut cJSON) {
    // SAFETY: the promise of `cJSON_Delete`; each node is looked at before it is freed.
    unsafe {
        while !item.is_null() {
            let next = (*item).next;
            if (*item).r#type & IS_REFERENCE == 0 {
                delete((*item).child);
                cJSON_free((*item).valuestring.cast());
            }
            if (*item).r#type & NAME_IS_CONST == 0 {
                cJSON_free((*item).string.cast());
            }
            cJSON_free(item.cast());
            item = next;
        }
    }
}

macro_rules! ask {
    ($($(#[$doc:meta])* $name:ident: $kinds:expr;)*) => {
        $($(#[$doc])* #[unsafe(no_mangle)] pub unsafe extern "C" fn $name(item: *const cJSON) -> c_int {
            // SAFETY: C's promise: NULL or a living value.
            guard(0, || c_int::from(unsafe { kind(item) } & $kinds != 0))
        })*
    };
}

ask! {
    /// Is it `false`?
    cJSON_IsFalse: FALSE;
    /// Is it `true`?
    cJSON_IsTrue: TRUE;
    /// Is it `true` or `false`?
    cJSON_IsBool: TRUE | FALSE;
    /// Is it `null`?
    cJSON_IsNull: NULL;
    /// Is it a number?
    cJSON_IsNumber: NUMBER;
    /// Is it a string?
    cJSON_IsString: STRING;
    /// Is it an array?
    cJSON_IsArray: ARRAY;
    /// Is it an object?
    cJSON_IsObject: OBJECT;
    /// Is it raw text?
    cJSON_IsRaw: RAW;
}

/// Is it of no kind?
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_IsInvalid(item: *const cJSON) -> c_int {
    // SAFETY: C's promise: NULL or a living value.
    guard(0, || c_int::from(!item.is_null() && unsafe { kind(item) } == 0))
}

/// The text of a string; NULL for another kind.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_GetStringValue(item: *const cJSON) -> *mut c_char {
    // SAFETY: C's promise: NULL or a living value.
    guard(ptr::null_mut(), || unsafe {
        if kind(item) == STRING { (*item).valuestring } else { ptr::null_mut() }
    })
}

/// A number; NaN for another kind.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_GetNumberValue(item: *const cJSON) -> c_double {
    // SAFETY: C's promise: NULL or a living value.
    guard(f64::NAN, || unsafe { if kind(item) == NUMBER { (*item).valuedouble } else { f64::NAN } })
}

/// Sets a number.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_SetNumberHelper(object: *mut cJSON, number: c_double) -> c_double {
    guard(number, || {
        if !object.is_null() {
            // SAFETY: C's promise: a living value.
            unsafe { set_number(object, number) };
        }
        number
    })
}

/// Replaces the text of a string; NULL when the value is not a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_SetValuestring(object: *mut cJSON, valuestring: *const c_char) -> *mut c_char {
    guard(ptr::null_mut(), || {
        // SAFETY: C's promises: NULL or a living value, NULL or a C string.
        unsafe {
            let Some(fresh) = bytes(valuestring) else { return ptr::null_mut() };
            if kind(object) != STRING || (*object).r#type & IS_REFERENCE != 0 {
                return ptr::null_mut();
            }
            let fresh = text(fresh);
            if !fresh.is_null() {
                cJSON_free((*object).valuestring.cast());
                (*object).valuestring = fresh;
            }
            fresh
        }
    })
}

/// The version of the API.
#[unsafe(no_mangle)]
pub extern "C" fn cJSON_Version() -> *const c_char {
    c"1.7.12".as_ptr()
}
