package io.github.dl4jngd.fisher.network.shard;

import io.github.dl4jngd.fisher.curvature.SampleSums;
import java.io.Serial;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * Adds sums in a fixed binary tree over their places, in whatever order they come: neighbours first, then pairs of
 * neighbours, and so on. So the result has the same bits wherever the parts were made and however they were grouped on
 * their way.
 *
 * <p>A process that has some of the places adds what it can and sends on the rest, which for n neighbours is at most
 * about 2 log n nodes.
 */
public final class SumTree {

    private final int places;
    private final TreeMap<Long, Node> waiting = new TreeMap<>();

    /**
     * Sums that have been made, and where they stand in the tree.
     *
     * @serial exclude
     */
    public static final class Node implements Serializable {

        @Serial
        private static final long serialVersionUID = 1L;

        private final int level;
        private final int index;
        private final SampleSums sums;

        private Node(int level, int index, SampleSums sums) {
            this.level = level;
            this.index = index;
            this.sums = sums;
        }

        /** Levels apart by 2³² places. */
        private long key() {
            return ((long) level << 32) | index;
        }

        private Node sibling() {
            return new Node(level, index ^ 1, sums);
        }

        private Node parent(SampleSums together) {
            return new Node(level + 1, index >> 1, together);
        }
    }

    /**
     * An empty tree.
     *
     * @param places how many sums there will be in all, at least 1
     */
    public SumTree(int places) {
        if (places < 1) {
            throw new IllegalArgumentException("A sum needs at least one place, got " + places);
        }
        this.places = places;
    }

    /**
     * Adds one place's sums.
     *
     * @param place from 0, each once
     * @param sums the sums
     */
    public void add(int place, SampleSums sums) {
        if (place < 0 || place >= places) {
            throw new IllegalArgumentException("There are places 0 to " + (places - 1) + ", got " + place);
        }
        add(new Node(0, place, sums));
    }

    /**
     * Adds what another tree of as many places has made.
     *
     * @param node one of its {@link #nodes()}
     */
    public void add(Node node) {
        Node here = node;
        while (nodesOf(here.level) > 1) {
            Node sibling = here.sibling();
            if (sibling.index >= nodesOf(here.level)) {
                here = here.parent(here.sums);
                continue;
            }
            Node other = waiting.remove(sibling.key());
            if (other == null) {
                break;
            }
            boolean left = here.index < other.index;
            here = here.parent(left ? here.sums.plus(other.sums) : other.sums.plus(here.sums));
        }
        if (waiting.put(here.key(), here) != null) {
            throw new IllegalStateException("Sums of the same place came twice");
        }
    }

    private int nodesOf(int level) {
        return (int) ((places + (1L << level) - 1) >> level);
    }

    /**
     * What has been made so far.
     *
     * @return nodes that no other of them can be added to
     */
    public List<Node> nodes() {
        return new ArrayList<>(waiting.values());
    }

    /**
     * The sum of all.
     *
     * @return the root
     * @throws IllegalStateException if places are missing
     */
    public SampleSums root() {
        if (waiting.size() != 1 || nodesOf(waiting.firstEntry().getValue().level) > 1) {
            throw new IllegalStateException("Some of the " + places + " places have not been added yet");
        }
        return waiting.firstEntry().getValue().sums;
    }
}
