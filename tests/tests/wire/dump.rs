//! A dump names what descriptors name, shows what may be shown, and hides everything else.
