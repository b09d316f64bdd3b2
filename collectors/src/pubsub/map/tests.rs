//! What is made of recorded answers.
