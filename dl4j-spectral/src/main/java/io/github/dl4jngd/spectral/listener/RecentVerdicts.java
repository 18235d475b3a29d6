package io.github.dl4jngd.spectral.listener;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * In how many of the last readings the rate was beyond the boundary. Readings of minibatches flap where the rate is
 * near it: what is told changes where many readings agree.
 */
final class RecentVerdicts {

    private static final int LAST = 10;
    private static final int MANY = 6;
    private static final int FEW = 3;

    private final Deque<Boolean> last = new ArrayDeque<>();
    private boolean beyond;

    /** Takes a reading's verdict; one that knows no boundary is left out. */
    void add(String verdict) {
        if (verdict.equals(SpectrumReading.UNKNOWN)) {
            return;
        }
        if (last.size() == LAST) {
            last.removeFirst();
        }
        last.addLast(verdict.equals(SpectrumReading.BEYOND));
        SpectrumReading.Tally now = tally();
        boolean allOfTheFirst = now.of() >= FEW && now.beyond() == now.of();
        if (now.beyond() >= MANY || allOfTheFirst) {
            beyond = true;
        } else if (now.beyond() * LAST <= FEW * now.of()) {
            beyond = false;
        }
    }

    SpectrumReading.Tally tally() {
        return new SpectrumReading.Tally(
                (int) last.stream().filter(each -> each).count(), last.size());
    }

    /** Beyond from six of the last ten on, or all of the first few, until at most three of ten are. */
    boolean isBeyond() {
        return beyond;
    }
}
