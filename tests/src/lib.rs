//! Helps the tests start the product and speak to it.
