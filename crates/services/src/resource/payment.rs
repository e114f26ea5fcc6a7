//! Payments of pilgrims as a resource.

use domain::{Payment, PaymentChanges, PaymentDraft, PaymentId};

use super::Resource;
use crate::ResourceKind;

/// The marker of the resource.
#[derive(Debug, Clone, Copy)]
pub enum PaymentResource {}

impl Resource for PaymentResource {
    type Id = PaymentId;
    type Record = Payment;
    type Draft = PaymentDraft;
    type Changes = PaymentChanges;
    const KIND: ResourceKind = ResourceKind::Payment;
}
