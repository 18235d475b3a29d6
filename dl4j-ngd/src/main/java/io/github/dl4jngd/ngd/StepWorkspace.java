package io.github.dl4jngd.ngd;

import io.github.dl4jngd.fisher.internal.Scratch;
import java.util.concurrent.atomic.AtomicLong;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.factory.Nd4j;

/** The ND4J workspace of one preconditioner: the temporary arrays of a step live here and are reused by the next. */
final class StepWorkspace {

    private static final AtomicLong NEXT = new AtomicLong();

    private final String name = "NATURAL_GRADIENT_" + NEXT.incrementAndGet();

    /** Frees the calling thread's memory. */
    void destroy() {
        if (Nd4j.getWorkspaceManager().checkIfWorkspaceExists(name)) {
            Nd4j.getWorkspaceManager()
                    .destroyWorkspace(Nd4j.getWorkspaceManager().getWorkspaceForCurrentThread(name));
        }
        Scratch.release();
    }

    /** Enters it, or, where it is open further out, goes on in it. */
    MemoryWorkspace enter() {
        if (Nd4j.getWorkspaceManager().checkIfWorkspaceExistsAndActive(name)) {
            return Nd4j.getWorkspaceManager().getWorkspaceForCurrentThread(name).notifyScopeBorrowed();
        }
        return Nd4j.getWorkspaceManager().getAndActivateWorkspace(Scratch.configuration(), name);
    }
}
