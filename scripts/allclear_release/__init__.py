"""Builds the tree that users pin, and checks one: for people and for `release.yml`, never in the tree itself.

    __main__    `make release`: what is asked for, and what is said about it
    build       the steps in their order
    sources     what of the checkout goes in
    lock        requirements/run.txt, line by line
    wheels      the packages of the lock, downloaded by their hashes, and unpacked
    compiled    what each Python makes of the code, by that Python itself
    compiler    the program that it runs for it
    papers      licences, and the list of what is in it (SBOM)
    manifest    what a release says of itself
    archive     one file of it, and one commit, the same each time
    verify      a release held against what its commit makes

Nothing in a tree depends on the day, on the machine or on the folder in which it is built.
"""
