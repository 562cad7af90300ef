//! The rules of the service, tried on its handlers with a real store and a clock that stands still: no socket, no bytes.

mod world;

mod access_matrix;

mod sessions;

mod sign_in;

mod accounts;

mod marks;

mod batch;

mod request_keys;

mod retention;

mod copies;
