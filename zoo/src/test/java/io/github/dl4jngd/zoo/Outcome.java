package io.github.dl4jngd.zoo;

/**
 * What became of a model.
 *
 * @param kind a few words that models are counted by
 * @param counts whether it is one of those that should train
 * @param lowered whether it trained, and the loss at the end is below that at the start
 * @param details what else there is to say
 */
record Outcome(String kind, boolean counts, boolean lowered, String details) {

    static Outcome excluded(String reason, String details) {
        return new Outcome(reason, false, false, details);
    }

    static Outcome failed(String kind, String details) {
        return new Outcome(kind, true, false, details);
    }

    Outcome described(String layers) {
        return new Outcome(kind, counts, lowered, details + " | " + layers);
    }
}
