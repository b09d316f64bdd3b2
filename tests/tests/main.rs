//! All tests of the whole product, in one program.
