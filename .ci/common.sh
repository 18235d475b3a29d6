# What the scripts here share; they source it from the root of the project.
#
# shellcheck shell=bash

# Jars keep the modes of the files in them: what is to be compared and what is released have the same.
umask 022

scratch=$(mktemp -d)
trap 'end' EXIT

# Ends what was started and removes what was written.
end() {
    if [ -d "$scratch/gnupg" ]; then
        GNUPGHOME=$scratch/gnupg gpgconf --kill all || true
    fi
    rm -rf "$scratch"
}

fail() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# A local Maven repository with what the machine has fetched already, but none of the project's own artifacts.
copy_repository() {
    mkdir -p "$1"
    if [ -d "$HOME/.m2/repository" ]; then
        # Hard links where the file system has them: Maven replaces artifacts and never writes into them. Into its own notes it does.
        cp -al "$HOME/.m2/repository/." "$1" 2>/dev/null || cp -a "$HOME/.m2/repository/." "$1"
        find "$1" -type f \( -name _remote.repositories -o -name '*.properties' -o -name '*.lastUpdated' \) -delete
        rm -rf "$1/io/github/dl4jngd"
    fi
}

project_version() {
    sed -n 's/^  <version>\(.*\)<\/version>$/\1/p' "$1/pom.xml"
}

# Clones what is committed into a folder and makes it the release that it would become.
clone_as_release() {
    git clone -q --no-hardlinks . "$1"
    version=$(project_version "$1")
    version=${version%-SNAPSHOT}
    "$1/.ci/set-version" "$version"
}

# The modules that are published, one a line: the parent and those that do not say otherwise, that of the profile ui among them.
published_modules() {
    sed -n 's/^  <artifactId>\(.*\)<\/artifactId>$/\1/p' "$1/pom.xml"
    local module
    sed -n -e '/^  <modules>/,/^  <\/modules>/s/.*<module>\(.*\)<\/module>.*/\1/p' \
        -e '/<id>ui<\/id>/,/<\/profile>/s/.*<module>\(.*\)<\/module>.*/\1/p' "$1/pom.xml" | while IFS= read -r module; do
        if ! grep -q '<maven.deploy.skip>true<' "$1/$module/pom.xml"; then
            sed -n 's/^  <artifactId>\(.*\)<\/artifactId>$/\1/p' "$1/$module/pom.xml"
        fi
    done
}

# Deploys what is published of a clone into a folder: the clone, the local repository, the folder, more options.
deploy() {
    local clone=$1 repository=$2 folder=$3 modules
    shift 3
    modules=$(published_modules "$clone" | sed 's/^/:/' | paste -s -d , -)
    (cd "$clone" && ./mvnw -B -ntp -q "-Dmaven.repo.local=$repository" -Prelease,ui -Dmaven.test.skip=true \
        "-DaltDeploymentRepository=local::file:$folder" -pl "$modules" -am "$@" deploy)
}
