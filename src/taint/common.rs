//! What several states have in common until one of them changes it.

use std::ops::{Deref, DerefMut};
use std::rc::Rc;

/// Copied when it is changed, and only where another state holds it too.
#[derive(Clone, Debug, Default)]
pub(crate) struct Common<T>(Rc<T>);

impl<T> Common<T> {
    /// Whether both are one and the same, so that nothing in them differs.
    pub(crate) fn is_one(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl<T> From<T> for Common<T> {
    fn from(value: T) -> Self {
        Self(Rc::new(value))
    }
}

impl<T> Deref for Common<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Clone> DerefMut for Common<T> {
    fn deref_mut(&mut self) -> &mut T {
        Rc::make_mut(&mut self.0)
    }
}
