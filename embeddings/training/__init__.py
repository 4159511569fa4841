"""How the bundled encoder was made: from open data files to the folder that the project ships.

Nothing in the rest of the project imports this package.
"""
