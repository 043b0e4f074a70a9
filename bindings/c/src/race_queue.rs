//! Messages that came while a command waited for its reply.
//!
//! C sees them as a list, `race_event`. Programs may have changed it, so its end must be found by walking it each time. The
//! list is therefore kept short, and further messages wait in a queue.

use std::collections::VecDeque;
use std::ptr;

use crate::event::destroy;
use crate::types::esl_event_t;

/// The messages after those in the list.
#[derive(Debug, Default)]
pub(crate) struct RaceQueue {
    more: VecDeque<*mut esl_event_t>,
}

// SAFETY: the events belong to the queue alone; the handle's mutex and the link's lock guard it.
unsafe impl Send for RaceQueue {}

/// The length of the list.
pub(crate) const LISTED: usize = 256;

impl RaceQueue {
    /// Appends a message.
    ///
    /// # Safety
    /// `list` is the place of a handle's queue, and this thread holds the handle.
    pub(crate) unsafe fn push(&mut self, list: *mut *mut esl_event_t, event: *mut esl_event_t) {
        self.more.push_back(event);
        // SAFETY: the caller's promise.
        unsafe { self.fill(list) };
    }

    /// Removes and returns the first message.
    ///
    /// # Safety
    /// As for [`push`](Self::push).
    pub(crate) unsafe fn pop(&mut self, list: *mut *mut esl_event_t) -> Option<*mut esl_event_t> {
        // SAFETY: the caller's promise; events of the list.
        unsafe {
            if (*list).is_null() {
                self.fill(list);
            }
            let event = *list;
            if event.is_null() {
                return None;
            }
            *list = (*event).next;
            (*event).next = ptr::null_mut();
            if (*list).is_null() {
                self.fill(list);
            }
            Some(event)
        }
    }

    /// Moves messages to the list until it is full. When several messages wait already, the list was full, and is refilled
    /// only when it is empty.
    ///
    /// # Safety
    /// As for [`push`](Self::push).
    unsafe fn fill(&mut self, list: *mut *mut esl_event_t) {
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

    /// Frees the messages that are not in the list.
    pub(crate) fn clear(&mut self) {
        // SAFETY: no pointer to these events exists elsewhere.
        self.more.drain(..).for_each(|event| unsafe { destroy(event) });
    }
}

impl Drop for RaceQueue {
    fn drop(&mut self) {
        self.clear();
    }
}
