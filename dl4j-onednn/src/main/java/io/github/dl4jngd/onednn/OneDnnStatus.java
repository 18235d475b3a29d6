package io.github.dl4jngd.onednn;

import java.util.Objects;

/**
 * Whether networks built now get the oneDNN helpers.
 *
 * @param enabled whether they do
 * @param reason why, or why not and what to do about it
 */
public record OneDnnStatus(boolean enabled, String reason) {
    /**
     * Checks that there is a reason.
     *
     * @param enabled whether they do
     * @param reason why, or why not and what to do about it
     */
    public OneDnnStatus {
        Objects.requireNonNull(reason, "reason");
    }

    @Override
    public String toString() {
        return "oneDNN layer helpers " + (enabled ? "on: " : "off: ") + reason;
    }
}
