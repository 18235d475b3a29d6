package io.github.dl4jngd.ngd;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Numbers and arrays by name, as a checkpoint keeps them; a part of a state sees the names under its own prefix. */
final class CheckpointState {

    private final String prefix;
    private final Map<String, String> values;
    private final Map<String, INDArray> arrays;

    private CheckpointState(String prefix, Map<String, String> values, Map<String, INDArray> arrays) {
        this.prefix = prefix;
        this.values = values;
        this.arrays = arrays;
    }

    static CheckpointState empty() {
        return new CheckpointState("", new LinkedHashMap<>(), new LinkedHashMap<>());
    }

    static CheckpointState of(Map<String, String> values, Map<String, INDArray> arrays) {
        return new CheckpointState("", values, arrays);
    }

    CheckpointState part(String name) {
        return new CheckpointState(prefix + name + "/", values, arrays);
    }

    Map<String, String> values() {
        return values;
    }

    Map<String, INDArray> arrays() {
        return arrays;
    }

    void put(String name, long value) {
        values.put(prefix + name, Long.toString(value));
    }

    void put(String name, boolean value) {
        values.put(prefix + name, Boolean.toString(value));
    }

    /** Puts the number exactly, NaN included. */
    void put(String name, double value) {
        values.put(prefix + name, Double.toString(value));
    }

    void put(String name, String value) {
        values.put(prefix + name, value);
    }

    void put(String name, INDArray array) {
        arrays.put(prefix + name, array);
    }

    void put(String name, List<INDArray> list) {
        put(name, list.size());
        for (int i = 0; i < list.size(); i++) {
            put(name + "/" + i, list.get(i));
        }
    }

    boolean has(String name) {
        return values.containsKey(prefix + name) || arrays.containsKey(prefix + name);
    }

    String text(String name) {
        String value = values.get(prefix + name);
        if (value == null) {
            throw new IllegalArgumentException("it has no " + prefix + name);
        }
        return value;
    }

    long integer(String name) {
        return Long.parseLong(text(name));
    }

    double number(String name) {
        return Double.parseDouble(text(name));
    }

    boolean flag(String name) {
        return Boolean.parseBoolean(text(name));
    }

    INDArray array(String name) {
        INDArray array = arrays.get(prefix + name);
        if (array == null) {
            throw new IllegalArgumentException("it has no array " + prefix + name);
        }
        return array;
    }

    List<INDArray> list(String name) {
        List<INDArray> list = new ArrayList<>();
        long size = integer(name);
        for (int i = 0; i < size; i++) {
            list.add(array(name + "/" + i));
        }
        return list;
    }
}
