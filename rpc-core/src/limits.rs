//! Every bound of the server: its default, the range in which it may be set, and the reason for its value.
//!
//! A bound can't be switched off, only moved inside its range; so no configuration takes a promise away.

use std::{error, fmt, time::Duration};

use crate::tlv::DecodeLimits;

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;
const GIB: usize = 1 << 30;

/// A body up to this many times its limit is refused and skipped, and the connection lives; what is above is refused
/// and the connection closes. Why: an honest client that is a little over must not lose its neighbours' calls, and a
/// hostile one must not make us read for ever.
pub(crate) const SKIPPED_BODY_FACTOR: usize = 8;

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

macro_rules! limits {
    ($($(#[doc = $doc:literal])* $name:ident, $with:ident: $type:ty = $default:expr, $min:expr, $max:expr;)*) => {
        /// The bounds of a server. Built from the defaults: `Limits::new().with_idle_wait(wait)?`.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Limits {
            $($name: $type,)*
        }

        impl Limits {
            /// Every bound with its default, in the order of the source.
            pub const KNOWN: &'static [Limit] = &[$(Limit {
                name: stringify!($name),
                unit: <$type as Amount>::UNIT,
                default: || <$type as Amount>::amount($default),
                min: || <$type as Amount>::amount($min),
                max: || <$type as Amount>::amount($max),
            },)*];

            /// The defaults.
            #[must_use]
            pub const fn new() -> Self {
                Self { $($name: $default,)* }
            }

            /// Sets the bound with this name, as an operator writes it: durations are in milliseconds. None if there is no
            /// such bound.
            #[must_use]
            pub fn with_named(self, name: &str, amount: u64) -> Option<Result<Self, LimitError>> {
                match name {
                    $(stringify!($name) => Some(match <$type as Amount>::of(amount) {
                        Some(value) => self.$with(value),
                        None => Err(LimitError {
                            name: stringify!($name),
                            unit: <$type as Amount>::UNIT,
                            given: amount,
                            min: <$type as Amount>::amount($min),
                            max: <$type as Amount>::amount($max),
                        }),
                    }),)*
                    _ => None,
                }
            }

            $(
                $(#[doc = $doc])*
                #[must_use]
                pub const fn $name(&self) -> $type {
                    self.$name
                }

                #[doc = concat!("Sets [`Limits::", stringify!($name), "`].")]
                ///
                /// # Errors
                /// The value is out of range.
                pub fn $with(self, value: $type) -> Result<Self, LimitError> {
                    let (min, max): ($type, $type) = ($min, $max);
                    if (min..=max).contains(&value) {
                        Ok(Self { $name: value, ..self })
                    } else {
                        Err(LimitError {
                            name: stringify!($name),
                            unit: <$type as Amount>::UNIT,
                            given: value.amount(),
                            min: min.amount(),
                            max: max.amount(),
                        })
                    }
                }
            )*
        }
    };
}

limits! {
    /// Bytes in the body of a request. 1 MiB: a sheet of ten thousand marks; more belongs into several calls.
    body_bytes_max, with_body_bytes_max: usize = MIB, 64, 64 * MIB;
    /// Bytes in the body of a request to a public method. 4 KiB: a name and a password, from someone we don't know.
    public_body_bytes_max, with_public_body_bytes_max: usize = 4 * KIB, 64, 64 * MIB;
    /// Bytes in the body of a reply. 4 MiB: four times a request, since lists are read more than written.
    reply_bytes_max, with_reply_bytes_max: usize = 4 * MIB, 64, 64 * MIB;
    /// How deep messages may be nested. 32: deeper than any type a person writes, shallow enough for a small stack.
    depth_max, with_depth_max: u16 = 32, 1, 64;
    /// Bytes of memory that one decoded request may take. 8 MiB: eight times the largest body.
    heap_bytes_max, with_heap_bytes_max: usize = 8 * MIB, 64 * KIB, GIB;
    /// Unknown fields in one request. 64: a newer peer adds a few, a hostile one adds thousands.
    unknown_fields_max, with_unknown_fields_max: u16 = 64, 0, 1_024;
    /// Bytes in one string. 64 KiB: a page of text is 4 KiB.
    string_bytes_max, with_string_bytes_max: usize = 64 * KIB, 16, 64 * MIB;

    /// From the connection to its complete hello. 5 s: ten round trips to the far side of the world, with a loss.
    hello_wait, with_hello_wait: Duration = secs(5), ms(1), secs(60);
    /// From the connection to its first accepted credential, where a service asks for one. 30 s: a login and the call
    /// after it take a few seconds, even in a full queue; who takes longer connects again with the next call.
    sign_in_wait, with_sign_in_wait: Duration = secs(30), ms(1), secs(600);
    /// From a frame's first byte, before the slowest rate counts. 10 s: a lost packet is sent again within 3 s.
    frame_wait, with_frame_wait: Duration = secs(10), ms(1), secs(120);
    /// Bytes of a frame that must come in each second after `frame_wait`. 64 KiB: a slow mobile connection.
    frame_bytes_per_s_min, with_frame_bytes_per_s_min: usize = 64 * KIB, KIB, 64 * MIB;
    /// For one write of replies. 10 s: a peer that has not read for so long is gone or hostile.
    write_wait, with_write_wait: Duration = secs(10), ms(1), secs(120);
    /// Between two frames. 10 min: longer than most firewalls remember a silent connection.
    idle_wait, with_idle_wait: Duration = secs(600), ms(1), secs(86_400);
    /// Between two frames of a peer that has not signed in. 30 s: as `sign_in_wait`.
    guest_idle_wait, with_guest_idle_wait: Duration = secs(30), ms(1), secs(86_400);
    /// The deadline of a call that names none. 10 s: as long as a person waits.
    call_deadline, with_call_deadline: Duration = secs(10), ms(1), secs(600);
    /// The latest deadline of a call; later ones are shortened. 30 s: what a call may hold of us is bounded.
    call_deadline_max, with_call_deadline_max: Duration = secs(30), ms(1), secs(600);

    /// Connections. 4,096; at most 8,000: a thread costs four memory maps, and the kernel allows 65,530.
    connections_max, with_connections_max: usize = 4_096, 1, 8_000;
    /// Connections that have not signed in. 256: as many as sign in at once when a school's morning begins.
    guests_max, with_guests_max: usize = 256, 1, 8_000;
    /// Connections from one source: an IPv4 address, or the first 64 bits of an IPv6 one. 512: a school may sit behind
    /// one address.
    connections_per_source_max, with_connections_per_source_max: usize = 512, 1, 8_000;
    /// Calls of one connection in flight at which the server stops reading. 128: fills a fast network.
    window_calls_max, with_window_calls_max: usize = 128, 1, 65_536;
    /// Bytes of one connection's requests in flight at which the server stops reading. 1 MiB: as one largest body.
    window_bytes_max, with_window_bytes_max: usize = MIB, KIB, 64 * MIB;
    /// Bytes of requests that all connections together hold, as they came over the wire, and twice those of a keyed one, of
    /// which its call keeps a copy; what each decodes into is bounded by `heap_bytes_max` instead. 256 MiB: a small machine
    /// keeps the rest of its memory.
    request_memory_bytes_max, with_request_memory_bytes_max: usize = 256 * MIB, 64 * KIB, 64 * GIB;

    /// Threads for slow methods; 0 means half of the cores, at least one, so that a flood of slow calls takes at most
    /// half of the machine.
    slow_threads, with_slow_threads: usize = 0, 0, 256;
    /// Slow calls that wait for a thread. 32: with 50 ms a call, the last waits not much longer than `slow_wait`.
    slow_queue_max, with_slow_queue_max: usize = 32, 0, 4_096;
    /// How long a slow call waits for a thread before it is refused. 2 s: then the caller should know.
    slow_wait, with_slow_wait: Duration = secs(2), ms(1), secs(30);

    /// Bytes of a connection thread's stack, as far as they do not follow from `depth_max`. 256 KiB: a handler that reads
    /// a store uses less than half. A build without optimisation takes four times as much.
    stack_bytes, with_stack_bytes: usize = 256 * KIB, 128 * KIB, 8 * MIB;
    /// Connections that the kernel holds until we accept them. 1,024: with the usual 128 a burst of 5,000 takes 30 s.
    backlog, with_backlog: u16 = 1_024, 1, 4_096;
}

/// One bound, for documents and tests. Durations are in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// The name of its getter.
    pub name: &'static str,
    /// What the numbers count.
    pub unit: &'static str,
    /// The default.
    pub default: fn() -> u64,
    /// The smallest value it takes.
    pub min: fn() -> u64,
    /// The largest value it takes.
    pub max: fn() -> u64,
}

/// A bound was to be set to a value out of its range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitError {
    /// The bound.
    pub name: &'static str,
    /// What the numbers count.
    pub unit: &'static str,
    /// The value that was given.
    pub given: u64,
    /// The smallest value it takes.
    pub min: u64,
    /// The largest value it takes.
    pub max: u64,
}

/// Bytes of stack for each level of a message. Measured: a message of eleven fields, half of them lists, takes less than
/// 4 KiB a level, and 18 KiB in a build without optimisation.
const STACK_BYTES_PER_LEVEL: usize = 8 * KIB;

impl Limits {
    /// Bytes of a connection thread's stack: at least what the deepest message needs, so that no setting lets a peer
    /// overflow it.
    pub(crate) fn thread_stack_bytes(&self) -> usize {
        let deepest = usize::from(self.depth_max).saturating_mul(STACK_BYTES_PER_LEVEL);
        let unoptimised = if cfg!(debug_assertions) { 4 } else { 1 };
        self.stack_bytes.max(deepest).saturating_mul(unoptimised)
    }

    /// What decoding one request may cost.
    #[must_use]
    pub const fn decode(&self) -> DecodeLimits {
        DecodeLimits {
            depth_max: self.depth_max,
            heap_bytes_max: self.heap_bytes_max,
            unknown_fields_max: self.unknown_fields_max,
            string_bytes_max: self.string_bytes_max,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for LimitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, unit, given, min, max } = self;
        write!(f, "the limit `{name}` is between {min} and {max}, not {given} ({unit})")
    }
}

impl error::Error for LimitError {}

/// What a bound is measured in.
trait Amount: Copy {
    const UNIT: &'static str;

    fn amount(self) -> u64;

    /// None if it is more than the type holds.
    fn of(amount: u64) -> Option<Self>;
}

impl Amount for usize {
    const UNIT: &'static str = "a number";

    fn amount(self) -> u64 {
        u64::try_from(self).unwrap_or(u64::MAX)
    }

    fn of(amount: u64) -> Option<Self> {
        Self::try_from(amount).ok()
    }
}

impl Amount for u16 {
    const UNIT: &'static str = "a number";

    fn amount(self) -> u64 {
        u64::from(self)
    }

    fn of(amount: u64) -> Option<Self> {
        Self::try_from(amount).ok()
    }
}

impl Amount for Duration {
    const UNIT: &'static str = "milliseconds";

    fn amount(self) -> u64 {
        u64::try_from(self.as_millis()).unwrap_or(u64::MAX)
    }

    fn of(amount: u64) -> Option<Self> {
        Some(Self::from_millis(amount))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_lies_in_its_range() {
        for limit in Limits::KNOWN {
            let (default, range) = ((limit.default)(), (limit.min)()..=(limit.max)());
            assert!(range.contains(&default), "{}: {default} is not in {range:?}", limit.name);
        }
    }

    #[test]
    fn a_value_at_the_edge_is_taken_and_one_beyond_is_refused_by_name() {
        fn check(result: Result<Limits, LimitError>, refused: Option<u64>) {
            assert_eq!(result.map_err(|error| error.given).err(), refused);
        }
        check(Limits::new().with_depth_max(1), None);
        check(Limits::new().with_depth_max(64), None);
        check(Limits::new().with_depth_max(0), Some(0));
        check(Limits::new().with_depth_max(65), Some(65));
        check(Limits::new().with_connections_max(8_000), None);
        check(Limits::new().with_connections_max(8_001), Some(8_001));
        check(Limits::new().with_hello_wait(ms(60_000)), None);
        check(Limits::new().with_hello_wait(ms(60_001)), Some(60_001));
        let error = Limits::new().with_hello_wait(Duration::ZERO).unwrap_err();
        assert_eq!((error.name, error.unit, error.min, error.max), ("hello_wait", "milliseconds", 1, 60_000));
    }

    #[test]
    fn every_bound_is_set_by_its_name_within_its_range_and_no_other_is() {
        for limit in Limits::KNOWN {
            let set = |amount| Limits::new().with_named(limit.name, amount).unwrap();
            let (min, max) = ((limit.min)(), (limit.max)());
            let changed = if (limit.default)() == max { min } else { max };
            assert_ne!(set(changed).unwrap(), Limits::new(), "{}", limit.name);
            assert_eq!(set((limit.default)()), Ok(Limits::new()));
            assert!(set(min).is_ok() && set(max).is_ok(), "{}", limit.name);
            for beyond in [max + 1, u64::MAX] {
                let error = set(beyond).unwrap_err();
                assert_eq!((error.name, error.given, error.min, error.max), (limit.name, beyond, min, max));
            }
            if let Some(beyond) = min.checked_sub(1) {
                assert_eq!(set(beyond).unwrap_err().given, beyond);
            }
        }
        assert_eq!(Limits::new().with_named("nothing", 1), None);
    }

    #[test]
    fn setting_one_bound_leaves_the_others() {
        let limits = Limits::new().with_depth_max(7).unwrap();
        assert_eq!(limits.decode().depth_max, 7);
        assert_eq!(limits.with_depth_max(32).unwrap(), Limits::new());
    }
}
