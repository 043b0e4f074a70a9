//! Messages that came while a command waited for its reply.
//!
//! C sees them as a list, `race_event`, whose end only a walk finds: programs may have changed it. So the list is kept
//! short, and what is more stands in a queue behind it.

use std::collections::VecDeque;
use std::ptr;

use crate::event::destroy;
use crate::types::esl_event_t;

/// What stands behind the list.
#[derive(Debug, Default)]
pub(crate) struct Aside {
    more: VecDeque<*mut esl_event_t>,
}

// SAFETY: the events belong to the queue alone; the handle's mutex and the link's lock guard it.
unsafe impl Send for Aside {}

/// How many C sees.
pub(crate) const LISTED: usize = 256;

impl Aside {
    /// Appends a message.
    ///
    /// # Safety
    /// `list` is the place of a handle's queue, and this thread holds the handle.
    pub(crate) unsafe fn push(&mut self, list: *mut *mut esl_event_t, event: *mut esl_event_t) {
        self.more.push_back(event);
        // SAFETY: the caller's promise.
        unsafe { self.list(list) };
    }

    /// Takes the first message out.
    ///
    /// # Safety
    /// As for [`push`](Self::push).
    pub(crate) unsafe fn pop(&mut self, list: *mut *mut esl_event_t) -> Option<*mut esl_event_t> {
        // SAFETY: the caller's promise; events of the list.
        unsafe {
            if (*list).is_null() {
                self.list(list);
            }
            let event = *list;
            if event.is_null() {
                return None;
            }
            *list = (*event).next;
            (*event).next = ptr::null_mut();
            if (*list).is_null() {
                self.list(list);
            }
            Some(event)
        }
    }

    /// Moves as many messages to the list as it has room for. Nothing is looked at when more than that wait already: the
    /// list was full then, and is filled anew once it is empty.
    ///
    /// # Safety
    /// As for [`push`](Self::push).
    unsafe fn list(&mut self, list: *mut *mut esl_event_t) {
        // SAFETY: a walk over the places of the list.
        unsafe {
            if self.more.len() > 1 && !(*list).is_null() {
                return;
            }
            let (mut place, mut count) = (list, 0);
            while count < LISTED {
                if (*place).is_null() {
                    let Some(event) = self.more.pop_front() else { return };
                    *place = event;
                }
                place = &raw mut (**place).next;
                count += 1;
            }
        }
    }

    /// Frees what is not in the list.
    pub(crate) fn clear(&mut self) {
        // SAFETY: nobody else knows these events.
        self.more.drain(..).for_each(|event| unsafe { destroy(event) });
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        self.clear();
    }
}
